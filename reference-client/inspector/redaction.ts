/** Takes out of texts what was once told to be secret. */
export function redactor(): { keepSecret(secret: string | undefined): void; redact(text: string): string } {
  const secrets = new Set<string>();
  return {
    keepSecret(secret) {
      if (secret) secrets.add(secret);
    },
    redact(text) {
      for (const secret of secrets) text = text.replaceAll(secret, "<redacted>");
      return text;
    },
  };
}
