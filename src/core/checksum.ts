/**
 * CRC-32 (IEEE 802.3, reflected, polynomial 0xedb88320): the checksum of everything that is stored.
 * It finds every burst of up to 32 bits, which covers torn and flipped bytes within a block.
 */
const TABLE = buildTable();

function buildTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
    table[byte] = remainder;
  }
  return table;
}

/**
 * For a checksum that stands behind what it covers, inside of a file that has a CRC-32 as a whole: were it
 * the CRC-32 itself, all files of one length would come to the same CRC-32, whatever is in them. So its
 * bytes are the other way round.
 */
export function trailingChecksum(bytes: Uint8Array, start: number, end: number): number {
  const crc = crc32(bytes, start, end);
  const swapped = (crc << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24);
  return swapped >>> 0;
}

/** Unsigned 32-bit checksum of `bytes[start, end)`. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  for (let i = start; i < end; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}
