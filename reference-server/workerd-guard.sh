#!/bin/sh
# Becomes workerd, and leaves a watcher beside it: a server whose Node process is killed outright can't stop its workerd, which would
# go on holding the port and the data. The watcher ends within a second of either of the two.
# MIRUBATO_WORKERD: the real binary. MIRUBATO_WORKERD_PID_FILE: where the next start over the same data looks for this process.
parent=$PPID
workerd=$$
[ -n "$MIRUBATO_WORKERD_PID_FILE" ] && echo "$workerd" >"$MIRUBATO_WORKERD_PID_FILE"

has_parent() {
  # The parent's id, not its life: a killed parent that nobody has waited for is still there, as a zombie.
  if [ -r "/proc/$workerd/stat" ]; then
    read -r _ _ _ now _ <"/proc/$workerd/stat" && [ "$now" = "$parent" ]
  else
    kill -0 "$parent" && kill -0 "$workerd"
  fi
}

(
  while has_parent; do sleep 0.5 || sleep 1; done
  kill -9 "$workerd"
) </dev/null >/dev/null 2>&1 3>&- &

exec "$MIRUBATO_WORKERD" "$@"
