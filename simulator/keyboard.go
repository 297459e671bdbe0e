package simulator

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Button is a button of an inline or a reply keyboard as a person sees it.
type Button struct {
	Text           string `json:"text"`
	Style          string `json:"style,omitempty"` // danger, success, primary
	Data           string `json:"data,omitempty"`  // callback_data
	URL            string `json:"url,omitempty"`
	CopyText       string `json:"copyText,omitempty"`
	RequestContact bool   `json:"requestContact,omitempty"` // reply keyboards only

	action string          // which of the Bot API's action fields it has
	raw    json.RawMessage // inline: as it was sent, without empty fields
}

// Keyboard is a reply keyboard: what is shown below the field for typing.
type Keyboard struct {
	MessageID   int        `json:"messageId"` // the message that brought it
	Rows        [][]Button `json:"rows"`
	Placeholder string     `json:"placeholder,omitempty"`
	OneTime     bool       `json:"oneTime,omitempty"` // hidden after a press

	seq int64
}

// markup is a parsed reply_markup; at most one of its parts is set.
type markup struct {
	inline    [][]Button
	keyboard  *Keyboard
	remove    bool
	force     bool
	selective bool
}

const (
	maxButtons    = 100
	maxButtonsRow = 8
)

// styles are the values of a button's style.
var styles = []string{"", "danger", "success", "primary"}

// parseMarkup reads and checks a reply_markup for a chat of a kind
// (https://core.telegram.org/bots/api#inlinekeyboardmarkup and its neighbours).
func parseMarkup(p params, kind string) (markup, error) {
	var m markup
	raw := p.str("reply_markup")
	if raw == "" || raw == "null" {
		return m, nil
	}
	var in struct {
		Inline      json.RawMessage `json:"inline_keyboard"`
		Keyboard    json.RawMessage `json:"keyboard"`
		Remove      bool            `json:"remove_keyboard"`
		Force       bool            `json:"force_reply"`
		Selective   bool            `json:"selective"`
		OneTime     bool            `json:"one_time_keyboard"`
		Placeholder string          `json:"input_field_placeholder"`
	}
	if err := json.Unmarshal([]byte(raw), &in); err != nil {
		return m, badRequest("object expected as reply markup")
	}
	m.remove, m.force, m.selective = in.Remove, in.Force, in.Selective
	var err error
	switch {
	case in.Inline != nil:
		m.inline, err = parseRows("inline_keyboard", in.Inline, parseInlineButton)
	case in.Keyboard != nil:
		if utf16Len(in.Placeholder) > 64 {
			return m, badRequest("input field placeholder is too long")
		}
		m.keyboard = &Keyboard{Placeholder: in.Placeholder, OneTime: in.OneTime}
		m.keyboard.Rows, err = parseRows("keyboard", in.Keyboard, func(raw json.RawMessage) (Button, error) {
			return parseKeyboardButton(raw, kind)
		})
		if err == nil && len(m.keyboard.Rows) == 0 {
			m.keyboard = nil
		}
	}
	return m, err
}

var markupNames = map[string]string{"inline_keyboard": "InlineKeyboardMarkup", "keyboard": "ReplyKeyboardMarkup"}

func parseRows(field string, raw json.RawMessage, parse func(json.RawMessage) (Button, error)) ([][]Button, error) {
	var in [][]json.RawMessage
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, badRequest("field %q of the %s must be an Array of Arrays", field, markupNames[field])
	}
	if in == nil { // null, which a nil slice of a client becomes
		return nil, badRequest("field %q of the %s must be an Array", field, markupNames[field])
	}
	var rows [][]Button
	total := 0
	for _, row := range in {
		var buttons []Button
		for _, raw := range row {
			b, err := parse(raw)
			if err != nil {
				return nil, err
			}
			buttons = append(buttons, b)
		}
		if len(buttons) > 0 {
			rows = append(rows, buttons)
		}
		if total += len(buttons); total > maxButtons || len(buttons) > maxButtonsRow {
			return nil, badRequest("reply markup is too long")
		}
	}
	return rows, nil
}

// buttonActions are the fields that make an inline button do something.
var buttonActions = []string{
	"callback_data", "url", "copy_text", "web_app", "login_url", "switch_inline_query",
	"switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game", "pay", "disabled",
}

func parseInlineButton(raw json.RawMessage) (Button, error) {
	var in struct {
		Text     string                `json:"text"`
		Style    string                `json:"style"`
		Data     string                `json:"callback_data"`
		URL      string                `json:"url"`
		CopyText struct{ Text string } `json:"copy_text"`
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &in) != nil || json.Unmarshal(raw, &fields) != nil {
		return Button{}, badRequest("can't parse inline keyboard button")
	}
	b := Button{Text: strings.TrimSpace(in.Text), Style: in.Style, Data: in.Data, URL: in.URL, CopyText: in.CopyText.Text}
	var actions []string
	for name, value := range fields {
		if slices.Contains(buttonActions, name) && !emptyAction(name, value) {
			actions = append(actions, name)
		} else if slices.Contains(buttonActions, name) {
			delete(fields, name)
		}
	}
	if len(actions) == 1 {
		b.action = actions[0]
	}
	b.raw, _ = json.Marshal(fields)
	return b, b.checkInline(len(actions))
}

// emptyAction says whether an action field is as good as absent. Clients that
// cannot leave out an object send copy_text with an empty text.
func emptyAction(name string, value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case `null`, `{}`, `false`, `{"text":""}`:
		return name != "callback_game" && name != "disabled" || string(value) == "null"
	case `""`:
		return !strings.HasPrefix(name, "switch_inline_query")
	}
	return false
}

func (b Button) checkInline(actions int) error {
	switch {
	case b.Text == "":
		return badRequest("inline keyboard button text must be non-empty")
	case actions == 0:
		return badRequest("text buttons are unallowed in the inline keyboard")
	case actions > 1:
		return badRequest("inline keyboard button must have exactly one action")
	case len(b.Data) > 64:
		return badRequest("BUTTON_DATA_INVALID")
	case utf16Len(b.CopyText) > 256:
		return badRequest("BUTTON_COPY_TEXT_INVALID")
	case !slices.Contains(styles, b.Style):
		return badRequest("invalid button style specified")
	}
	if b.URL == "" {
		return nil
	}
	if u, err := url.Parse(b.URL); err != nil || !slices.Contains([]string{"http", "https", "tg", "tonsite"}, u.Scheme) || u.Host == "" {
		return badRequest("inline keyboard button URL '%s' is invalid: Unsupported URL protocol", b.URL)
	}
	return nil
}

func parseKeyboardButton(raw json.RawMessage, kind string) (Button, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw, _ = json.Marshal(map[string]string{"text": text})
	}
	var in struct {
		Text     string `json:"text"`
		Style    string `json:"style"`
		Contact  bool   `json:"request_contact"`
		Location bool   `json:"request_location"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return Button{}, badRequest("can't parse keyboard button")
	}
	b := Button{Text: strings.TrimSpace(in.Text), Style: in.Style, RequestContact: in.Contact, action: "text"}
	switch {
	case b.Text == "":
		return b, badRequest("keyboard button text must be non-empty")
	case in.Contact && kind != private:
		return b, badRequest("phone number can be requested in private chats only")
	case in.Location && kind != private:
		return b, badRequest("location can be requested in private chats only")
	case !slices.Contains(styles, b.Style):
		return b, badRequest("invalid button style specified")
	}
	return b, nil
}

// sameRows says whether two inline keyboards are the same to the bot.
func sameRows(a, b [][]Button) bool {
	return slices.EqualFunc(a, b, func(x, y []Button) bool {
		return slices.EqualFunc(x, y, func(x, y Button) bool { return bytes.Equal(x.raw, y.raw) })
	})
}
