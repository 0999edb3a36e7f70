import { mutant } from "../../model/mutant.ts";

export const countsDevicesOfMessages = mutant({
  name: "counts-devices-of-messages",
  story: "The table of devices is filled wherever a deviceId is seen.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    noteSender(context, connection, message) {
      conforming.noteSender(context, connection, message);
      if (connection.deviceId !== undefined) context.user.devices.set(connection.deviceId, context.now);
    },
  }),
});

export const countsSockets = mutant({
  name: "counts-sockets-as-devices",
  story: "A device is what is connected, so each socket is entered as one.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    greet(context, connection) {
      context.user.devices.set(connection.id, context.now);
      conforming.greet(context, connection);
    },
  }),
});
