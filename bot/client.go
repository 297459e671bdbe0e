package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-telegram/bot"

	"intakebot/internal/failpoint"
)

// sendTimeout is how long one request may take. Near its limits Telegram
// answers late but does deliver, so a short timeout makes duplicates.
const sendTimeout = 65 * time.Second

// pollFor is how long Telegram holds a getUpdates request that has nothing to
// tell, in seconds (Bot API, getUpdates, timeout).
const pollFor = 50

// watched is a client that passes the failpoints of tests. It leaves the bodies
// as the library makes them: whole since v1.27, and http.NoBody for a method
// without fields, which any other empty reader would send as a chunked nothing.
type watched struct{ *http.Client }

// Do implements the library's HttpClient.
func (b watched) Do(req *http.Request) (*http.Response, error) {
	failpoint.Pass(failpoint.BeforeRequest)
	resp, err := b.Client.Do(req)
	failpoint.Pass(failpoint.AfterRequest)
	return resp, err
}

// newClient makes a client that goes through the proxy, if there is one (http
// and socks5), and closes idle connections before Telegram does.
func newClient(cfg Config) *http.Client {
	transport := cfg.Transport
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.IdleConnTimeout = 20 * time.Second
		t.MaxIdleConnsPerHost = 32
		if cfg.Proxy != nil {
			t.Proxy = cfg.Proxy
		}
		transport = t
	}
	return &http.Client{Transport: metered{transport, cfg.Meter}, Timeout: sendTimeout}
}

// apiError is an answer of the Bot API with ok false.
type apiError struct {
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		MigrateTo int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

func (e *apiError) Error() string { return fmt.Sprintf("telegram: %d %s", e.Code, e.Description) }

// call makes a request of the Bot API in JSON, for what the library does not
// offer.
func (b *Bot) call(ctx context.Context, method string, params, result any) error {
	_, err := b.request(ctx, method, params, result)
	return err
}

// request is call with the header of the answer, empty when there was none.
func (b *Bot) request(ctx context.Context, method string, params, result any) (http.Header, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.cfg.APIURL+"/bot"+b.cfg.Token+"/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, b.scrub(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.http.Do(req)
	if err != nil {
		return nil, b.scrub(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return resp.Header, b.scrub(err)
	}
	var answer struct {
		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
		apiError
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return resp.Header, fmt.Errorf("telegram: %s answered %s without JSON", method, resp.Status)
	}
	if !answer.OK {
		return resp.Header, &answer.apiError
	}
	return resp.Header, json.Unmarshal(answer.Result, result)
}

// scrub takes the token out of an error's text: errors of net/http carry the
// address, and the token is a part of it. The chain is cut, except for what
// callers look for.
//
// An answer that is no JSON is quoted whole by the library, and what Telegram
// echoes may hold a message: of that nothing is left.
func (b *Bot) scrub(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if strings.Contains(text, "error decode response body") {
		return errors.New("telegram answered without JSON")
	}
	if !strings.Contains(text, b.cfg.Token) {
		return err
	}
	text = strings.ReplaceAll(text, b.cfg.Token, "***")
	for _, kept := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kept) {
			return fmt.Errorf("%s: %w", strings.TrimSuffix(text, ": "+kept.Error()), kept)
		}
	}
	return errors.New(text)
}

// fate is what an attempt to send means for what was sent.
type fate int

const (
	delivered  fate = iota
	retry           // Telegram cannot be reached or does not work
	flooded         // 429: wait as long as it says
	gone            // the chat does not take messages any more
	moved           // the group became a supergroup
	unchanged       // the edit changes nothing
	cardLost        // the message to edit or to answer is gone
	badMarkup       // our HTML is wrong
	refused         // anything else that a repetition does not mend
	credential      // the token is wrong
)

// judge reads the error of a request.
func judge(err error) (f fate, wait time.Duration, movedTo int64) {
	var flood *bot.TooManyRequestsError
	var migrate *bot.MigrateError
	switch {
	case err == nil:
		return delivered, 0, 0
	case errors.As(err, &flood):
		return flooded, time.Duration(max(1, flood.RetryAfter)) * time.Second, 0
	case errors.As(err, &migrate):
		return moved, 0, int64(migrate.MigrateToChatID)
	case errors.Is(err, bot.ErrorForbidden):
		return gone, 0, 0
	case errors.Is(err, bot.ErrorUnauthorized), errors.Is(err, bot.ErrorNotFound):
		return credential, 0, 0
	case errors.Is(err, bot.ErrorBadRequest):
		return judgeBadRequest(err.Error()), 0, 0
	case strings.HasPrefix(err.Error(), "error decode response result"):
		// ok:true with a result that the library cannot read: it was sent.
		return delivered, 0, 0
	}
	return retry, 0, 0
}

// badRequests are the descriptions of Telegram's 400 that mean something to
// us; they are stable by habit, not by contract.
var badRequests = []struct {
	part string
	fate fate
}{
	{"message is not modified", unchanged},
	{"message to edit not found", cardLost},
	{"message to delete not found", cardLost},
	{"message can't be edited", cardLost},
	{"message_id_invalid", cardLost},
	{"replied message not found", cardLost},
	{"message to be replied not found", cardLost},
	{"message to reply not found", cardLost},
	{"can't parse entities", badMarkup},
	{"chat not found", gone},
	{"peer_id_invalid", gone},
	{"user is deactivated", gone},
	// The desk's group with the bot's rights taken away: it is given them
	// back sooner or later.
	{"not enough rights", gone},
	{"have no rights", gone},
	{"need administrator rights", gone},
	{"chat_write_forbidden", gone},
	{"topic_closed", gone},
	{"topic_deleted", gone},
	{"message thread not found", gone},
	{"group chat was deactivated", gone},
}

func judgeBadRequest(text string) fate {
	text = strings.ToLower(text)
	for _, b := range badRequests {
		if strings.Contains(text, b.part) {
			return b.fate
		}
	}
	return refused
}
