package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// request is one call of a Bot API method.
type request struct {
	params
	ctx    context.Context
	method string // as the Bot API documentation spells it
	noWait bool   // a getUpdates that does not wait
}

// answer is the body of every reply of the Bot API.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result,omitempty"`
	ErrorCode   int             `json:"error_code,omitempty"`
	Description string          `json:"description,omitempty"`
	Parameters  *answerHints    `json:"parameters,omitempty"`
}

type answerHints struct {
	RetryAfter int   `json:"retry_after,omitempty"`
	MigrateTo  int64 `json:"migrate_to_chat_id,omitempty"`
}

// ServeHTTP answers /bot<token>/<method> and /file/bot<token>/<path>
// (https://core.telegram.org/bots/api#making-requests).
func (tg *Telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !tg.enter() {
		panic(http.ErrAbortHandler) // net/http's way to close a connection without an answer
	}
	defer tg.wg.Done()

	address, isFile := strings.CutPrefix(r.URL.Path, "/file")
	token, rest, found := strings.Cut(strings.TrimPrefix(address, "/bot"), "/")
	switch {
	case !found || !strings.HasPrefix(address, "/bot"):
		writeAnswer(w, nil, errNotFound)
	case token != tg.opt.Token:
		writeAnswer(w, nil, errUnauthorized)
	case isFile:
		tg.download(w, r, rest)
	default:
		tg.serveMethod(w, r, rest)
	}
}

// enter registers a request with Close, or refuses it when nobody is there.
func (tg *Telegram) enter() bool {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.closed || tg.down {
		return false
	}
	tg.wg.Add(1)
	return true
}

func (tg *Telegram) serveMethod(w http.ResponseWriter, r *http.Request, name string) {
	began := tg.now()
	m, known := methods[strings.ToLower(name)]
	if !known {
		writeAnswer(w, nil, errNoMethod)
		tg.record(Call{Method: name, At: began, Status: http.StatusNotFound})
		return
	}
	p, err := readParams(r)
	q := &request{params: p, ctx: r.Context(), method: m.name}
	if errors.Is(err, errBareRefusal) {
		tg.record(q.call(began, http.StatusBadRequest, nil, nil))
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err == nil {
		err = q.check()
	}
	tg.noteMistake(q.method, err)

	fault := tg.takeFault(q)
	if err == nil && fault.before() {
		tg.record(q.call(began, 0, nil, fault))
		tg.misbehave(w, r, fault)
		return
	}
	q.noWait = fault != nil && fault.Kind == NoWait
	var result any
	if err == nil {
		result, err = tg.run(m, q)
	}
	if errors.Is(err, errCut) {
		tg.record(q.call(began, 0, nil, fault))
		panic(http.ErrAbortHandler)
	}
	body, status := encodeAnswer(result, err)
	tg.record(q.call(began, status, body, fault))
	if fault != nil && fault.Kind == Vanish {
		tg.vanish(result)
	}
	if fault != nil && fault.Kind != NoWait {
		tg.misbehave(w, r, fault)
		return
	}
	writeBody(w, status, body)
}

// run calls a method with the world locked, except for the few that wait.
func (tg *Telegram) run(m method, q *request) (any, error) {
	if !m.waits {
		tg.mu.Lock()
		defer tg.mu.Unlock()
		if tg.left {
			return nil, &apiError{code: http.StatusBadRequest, text: "Logged out"}
		}
	}
	return m.run(tg, q)
}

func encodeAnswer(result any, err error) ([]byte, int) {
	if err == nil {
		raw, err := json.Marshal(result)
		if err != nil {
			panic("simulator: result cannot be encoded: " + err.Error())
		}
		body, _ := json.Marshal(answer{OK: true, Result: raw})
		return body, http.StatusOK
	}
	refusal := &apiError{code: http.StatusInternalServerError, text: "Internal Server Error: " + err.Error()}
	errors.As(err, &refusal)
	a := answer{ErrorCode: refusal.code, Description: refusal.text}
	if refusal.retryAfter != 0 || refusal.migrateTo != 0 {
		a.Parameters = &answerHints{refusal.retryAfter, refusal.migrateTo}
	}
	body, _ := json.Marshal(a)
	return body, refusal.code
}

func writeAnswer(w http.ResponseWriter, result any, err error) {
	body, status := encodeAnswer(result, err)
	writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// download serves a file that getFile named. To faults and in the log of calls
// it is a method of this name.
func (tg *Telegram) download(w http.ResponseWriter, r *http.Request, name string) {
	q := &request{params: params{values: map[string]string{"path": name}}, method: "download"}
	fault := tg.takeFault(q)
	tg.record(q.call(tg.now(), http.StatusOK, nil, fault))
	if fault != nil {
		tg.misbehave(w, r, fault)
		return
	}
	tg.mu.Lock()
	var data []byte
	found := false
	for _, f := range tg.files {
		if f.path == path.Clean(name) && f.size <= maxDownload && !tg.opt.ownServer() {
			data, found = f.data, true
		}
	}
	tg.mu.Unlock()
	if !found {
		writeAnswer(w, nil, errNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}

func (q *request) call(began time.Time, status int, body []byte, fault *Fault) Call {
	c := Call{Method: q.method, Params: q.values, At: began, Status: status, Response: body}
	for name := range q.files {
		c.Files = append(c.Files, name)
	}
	if fault != nil {
		c.Fault = fault.Kind
	}
	return c
}
