package harness

import (
	"io"
	"net"
	"net/http"
	"syscall"
)

// Get asks the program over HTTP.
func (h *Harness) Get(path string) (code int, body string) {
	h.Helper()
	return h.GetAt(h.Program.HTTPAddr, path)
}

func (h *Harness) GetAt(addr net.Addr, path string) (code int, body string) {
	h.Helper()
	resp, err := http.Get("http://" + addr.String() + path)
	if err != nil {
		h.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func (h *Harness) SignalRedis(s syscall.Signal) {
	h.Helper()
	if err := h.redisServer.Signal(s); err != nil {
		h.Fatal(err)
	}
}
