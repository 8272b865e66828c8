/** No file of ours is larger: what is, is refused before it is parsed. */
export const LARGEST_DOCUMENT_BYTES = 1024 * 1024;
