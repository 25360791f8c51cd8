"""An API server on this machine that answers from recorded lists, to the real client and to kubectl."""
