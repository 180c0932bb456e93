/** Numbers as people read them: 12_480. Seeds and ids are never grouped, so that they can be pasted. */
export const grouped = (value: number): string =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "_");
