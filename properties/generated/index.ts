/** Jobs drawn at random, as data: what a story about them needs. */
export { sampleRecipe } from "./recipe-arbitrary.ts";
export { inputOf } from "./recipe-input.ts";
export { jobOf } from "./recipe-job.ts";
export { rulesFor } from "./recipe-rules.ts";
export { recipeOf, type Recipe as JobRecipe } from "./recipe.ts";
export { simplerRecipes } from "./simpler-recipes.ts";
