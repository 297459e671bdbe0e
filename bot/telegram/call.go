package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/go-telegram/bot/models"
)

// answerMost bounds an answer: a hundred updates are some hundred kilobytes.
const answerMost = 64 << 20

// request is what the methods that the bot calls ask with; what is empty is left
// out. In JSON it leaves in one write. Only what uploads a file goes by the
// library's multipart.
type request struct {
	Chat      int64                      `json:"chat_id,omitempty"`
	Thread    int                        `json:"message_thread_id,omitempty"`
	Message   int                        `json:"message_id,omitempty"`
	Text      string                     `json:"text,omitempty"`
	Caption   string                     `json:"caption,omitempty"`
	ParseMode models.ParseMode           `json:"parse_mode,omitempty"`
	Preview   *models.LinkPreviewOptions `json:"link_preview_options,omitempty"`
	Markup    models.ReplyMarkup         `json:"reply_markup,omitempty"`
	Reply     *replyTo                   `json:"reply_parameters,omitempty"`
	Media     []albumFile                `json:"media,omitempty"`
	Query     string                     `json:"callback_query_id,omitempty"`
	Action    string                     `json:"action,omitempty"`
	User      int64                      `json:"user_id,omitempty"`
	// A file that Telegram holds, in the field of its kind.
	Photo     string `json:"photo,omitempty"`
	Video     string `json:"video,omitempty"`
	Voice     string `json:"voice,omitempty"`
	Audio     string `json:"audio,omitempty"`
	VideoNote string `json:"video_note,omitempty"`
	Animation string `json:"animation,omitempty"`
	Document  string `json:"document,omitempty"`
	FileID    string `json:"file_id,omitempty"`
}

type replyTo struct {
	Message int `json:"message_id"`
}

type albumFile struct {
	Kind string `json:"type"`
	File string `json:"media"`
}

type emoji struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji"`
}

// sentMessage is what the bot reads of a message of its own.
type sentMessage struct {
	ID int `json:"message_id"`
}

// errUnread: Telegram did what it was asked (ok is true), but its result cannot
// be read.
var errUnread = errors.New("telegram: ok, with a result that cannot be read")

// call makes a request and reads its result.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	_, err := c.ask(ctx, c.sends, method, params, result)
	return err
}

// doer makes a request.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

// ask makes a request by one of the clients and returns the answer, whose body is
// read; nil when there was none. nil for params is none: the server refuses some
// empty bodies.
func (c *Client) ask(ctx context.Context, by doer, method string, params, result any) (*http.Response, error) {
	req, err := c.request(ctx, method, params)
	if err != nil {
		return nil, c.Scrub(err)
	}
	resp, err := by.Do(req)
	if err != nil {
		return nil, c.Scrub(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, answerMost))
	if err != nil {
		return resp, c.Scrub(err)
	}
	answer := struct {
		OK     bool `json:"ok"`
		Result any  `json:"result"`
		APIError
	}{Result: result}
	err = json.Unmarshal(data, &answer)
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped) && answer.OK:
		return resp, errUnread
	case err != nil && !errors.As(err, &mistyped):
		return resp, fmt.Errorf("telegram: %s answered %s without JSON", method, resp.Status)
	case !answer.OK && answer.Code == 0:
		return resp, fmt.Errorf("telegram: %s answered %s with JSON of another kind", method, resp.Status)
	case !answer.OK:
		return resp, &answer.APIError
	}
	return resp, nil
}

func (c *Client) request(ctx context.Context, method string, params any) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if params != nil {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(params); err != nil {
			return nil, fmt.Errorf("write the request for %s: %w", method, err)
		}
		body = bytes.NewReader(b.Bytes())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.APIURL+"/bot"+c.cfg.Token+"/"+method, body)
	if err == nil && params != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}
