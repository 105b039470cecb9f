/** Loaded only for shares with a password. */
export { scryptAsync } from "@noble/hashes/scrypt.js";
