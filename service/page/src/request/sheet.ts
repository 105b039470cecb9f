/** What a request asks for (docs/spec/request.md, section 3). Nothing of a sheet is shown before all of it is valid. */

import { prepareIdentity, SealError, unseal } from "../share/age";
import { NewerFormatError } from "../share/piece";
import { deriveSheetScalar } from "./link";

const FORMAT = "satchel-request/1";
const MAX_TEXT_CHARS = 500;

/** Open a sealed sheet and return its text. Raises SealError, or NewerFormatError. */
export async function openSheet(sealed: Uint8Array, recipient: Uint8Array, requestId: string): Promise<string> {
  const plain = await unseal(sealed, await prepareIdentity(await deriveSheetScalar(recipient)));
  const { format, request, text } = parse(plain);
  if (typeof format === "string" && format !== FORMAT) throw new NewerFormatError();
  if (format !== FORMAT || request !== requestId || typeof text !== "string" || [...text].length > MAX_TEXT_CHARS) throw new SealError();
  return text;
}

function parse(plain: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    throw new SealError();
  }
}
