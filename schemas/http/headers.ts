import { Type, type Static } from "@sinclair/typebox";
import { schemaId } from "../define.ts";
import { VISIBLE_ASCII_PATTERN } from "../patterns.ts";

const JSON_MEDIA =
  "^[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/(?:[Pp][Rr][Oo][Bb][Ll][Ee][Mm]\\+)?[Jj][Ss][Oo][Nn][ \\t]*(?:;.*)?$";

/** The request headers that mean something here. Names in lower case. */
export const RequestHeaders = Type.Object(
  {
    authorization: Type.Optional(
      Type.String({
        description:
          "`Bearer` and the access token, a JWT signed with HS256 (RFC 6750). Decides alone if present.",
      }),
    ),
    cookie: Type.Optional(
      Type.String({
        description:
          "`auth-token=<token>`: counts without `Authorization` and with an allowed `Origin` only.",
      }),
    ),
    origin: Type.Optional(Type.String({ description: "The web page's origin, sent by browsers." })),
    "content-type": Type.Optional(
      Type.String({ description: "`application/json`, in UTF-8; wherever a body is sent." }),
    ),
    "x-idempotency-key": Type.Optional(
      Type.String({
        pattern: VISIBLE_ASCII_PATTERN,
        description:
          "Names the request, so that a repetition changes nothing: 1 to 255 visible ASCII characters. Push and batch.",
      }),
    ),
    "idempotency-key": Type.Optional(
      Type.String({ pattern: VISIBLE_ASCII_PATTERN, description: "Another name for `x-idempotency-key`." }),
    ),
    "x-device-id": Type.Optional(
      Type.String({
        description: "Names the device: 1 to 255 visible ASCII characters; anything else is ignored.",
      }),
    ),
    "x-connection-id": Type.Optional(
      Type.String({
        description: "The device's own live connection, to be spared the echo. Profile `realtime`.",
      }),
    ),
    "x-sync-protocol": Type.Optional(
      Type.String({
        description:
          "The protocol version that the client speaks: `1`. Without it the client is a deployed one.",
      }),
    ),
  },
  {
    $id: schemaId("request_headers"),
    title: "RequestHeaders",
    description: "The request headers that mean something to a server. Names in lower case.",
    examples: [
      {
        authorization: "Bearer header.payload.signature",
        "content-type": "application/json",
        "x-idempotency-key": "device-1.42",
        "x-device-id": "device-1",
        "x-sync-protocol": "1",
      },
    ],
  },
);
export type RequestHeaders = Static<typeof RequestHeaders>;

/** The response headers that the protocol gives a meaning. Names in lower case. */
export const ResponseHeaders = Type.Object(
  {
    "content-type": Type.Optional(
      Type.String({
        pattern: JSON_MEDIA,
        description: "`application/json`; of an error `application/problem+json`.",
      }),
    ),
    "x-idempotent-replay": Type.Optional(
      Type.Unsafe<"true">({
        type: "string",
        const: "true",
        description:
          "The answer is the one that the first request with this idempotency key got. Present only then.",
      }),
    ),
    "retry-after": Type.Optional(
      Type.String({
        pattern: "^\\d+$",
        description:
          "When to send the request again, in seconds. With 409 IDEMPOTENCY_IN_FLIGHT, 429 and 503.",
      }),
    ),
    "www-authenticate": Type.Optional(
      Type.String({
        pattern: "^[Bb][Ee][Aa][Rr][Ee][Rr](?: |$)",
        description: "`Bearer`, and why the token was refused (RFC 6750). With 401.",
      }),
    ),
    allow: Type.Optional(
      Type.String({ minLength: 1, description: "The methods that the endpoint takes. With 405." }),
    ),
    vary: Type.Optional(Type.String({ description: "Names `Origin` at least." })),
    "access-control-allow-origin": Type.Optional(
      Type.String({
        minLength: 1,
        description: "The request's origin, if it is on the allow-list; never `*`.",
      }),
    ),
    "access-control-allow-credentials": Type.Optional(
      Type.Unsafe<"true">({
        type: "string",
        const: "true",
        description: "With `access-control-allow-origin`.",
      }),
    ),
    "access-control-expose-headers": Type.Optional(
      Type.String({ description: "`X-Idempotent-Replay, Retry-After, WWW-Authenticate` at least." }),
    ),
  },
  {
    $id: schemaId("response_headers"),
    title: "ResponseHeaders",
    description: "The response headers that the protocol gives a meaning. Names in lower case.",
    examples: [{ "content-type": "application/json", "x-idempotent-replay": "true", vary: "Origin" }],
  },
);
export type ResponseHeaders = Static<typeof ResponseHeaders>;
