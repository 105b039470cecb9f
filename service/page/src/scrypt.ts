/** The derivation of a password, fetched only for a share that has one. */

export { scryptAsync } from "@noble/hashes/scrypt.js";
