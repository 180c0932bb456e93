/** A library as they come: CommonJS, written by somebody else, and asking the machine as it pleases. */
const crypto = require("node:crypto");
const { hrtime } = require("node:process");

/** Taken off the process when the library was loaded. */
const { bigint } = hrtime;

let calls = 0;

module.exports = {
  token: () => crypto.randomBytes(4).toString("hex"),
  ticks: () => String(bigint()),
  counted: () => String(++calls),
};
