package simulator

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // photos
	_ "image/jpeg" // photos
	_ "image/png"  // photos
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// actor finds who acts: the owner of a phone or a member of staff, by the id in
// the request's path.
func (p *Page) actor(r *http.Request) (*Actor, error) {
	id, err := strconv.ParseInt(r.PathValue("person"), 10, 64)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "a person's id is a number")
	}
	for _, a := range slices.Concat(p.actors(), p.opt.Group.Actors()) {
		if a.Person().ID() == id {
			return a, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "there is nobody with this id")
}

// newcomers are the names of phones that are added.
var newcomers = [][2]string{
	{"Елена", "Соловьёва"}, {"Павел", "Зайцев"}, {"Наталья", "Орлова"}, {"Михаил", "Фёдоров"}, {"Юлия", "Киселёва"},
	{"Андрей", "Гусев"}, {"Татьяна", "Макарова"}, {"Роман", "Беляев"}, {"Светлана", "Жукова"}, {"Артём", "Комаров"},
}

const maxPhones = 24

func (p *Page) addPhone(_ *http.Request, in struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}) (any, error) {
	p.mu.Lock()
	n := len(p.phones)
	p.mu.Unlock()
	switch {
	case n >= maxPhones:
		return nil, refuse(http.StatusConflict, fmt.Sprintf("На экране уже %d телефона — больше не поместится.", n))
	case utf8.RuneCountInString(in.FirstName) > 64 || utf8.RuneCountInString(in.LastName) > 64:
		return nil, refuse(http.StatusBadRequest, "a name has 64 characters at most")
	}
	if strings.TrimSpace(in.FirstName) == "" {
		name := newcomers[n%len(newcomers)]
		in.FirstName, in.LastName = name[0], name[1]
	}
	a := p.opt.Telegram.Person(in.FirstName, in.LastName).Chat()
	p.mu.Lock()
	p.phones = append(p.phones, a)
	p.mu.Unlock()
	p.opt.Events.Publish(Event{Kind: EventChat, At: p.opt.Now(), ChatID: a.ChatID(), Text: "added"})
	return p.phoneView(a), nil
}

func (p *Page) send(r *http.Request, in struct {
	Text    string `json:"text"`
	ReplyTo int    `json:"replyTo"`
}) (any, error) {
	a, err := p.actor(r)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Text) == "" || !utf8.ValidString(in.Text) {
		return nil, refuse(http.StatusBadRequest, "there is no text")
	}
	if err := there(a, in.ReplyTo); err != nil {
		return nil, err
	}
	return map[string]int{"messageId": a.Reply(in.ReplyTo, in.Text)}, nil
}

// there refuses a reply to a message that the chat does not show; 0 is none.
func there(a *Actor, messageID int) error {
	if _, ok := a.Message(messageID); messageID != 0 && !ok {
		return refuse(http.StatusNotFound, "there is no message to reply to")
	}
	return nil
}

func (p *Page) edit(r *http.Request, in struct {
	MessageID int    `json:"messageId"`
	Text      string `json:"text"`
}) (any, error) {
	a, err := p.actor(r)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Text) == "" || utf16Len(in.Text) > maxText {
		return nil, refuse(http.StatusBadRequest, "a text has 1 to 4096 characters")
	}
	return nil, a.Edit(in.MessageID, in.Text)
}

// position is where a button is.
type position struct {
	MessageID int `json:"messageId"`
	Row       int `json:"row"`
	Column    int `json:"column"`
}

func (at position) in(rows [][]Button) *Button {
	if at.Row < 0 || at.Row >= len(rows) || at.Column < 0 || at.Column >= len(rows[at.Row]) {
		return nil
	}
	return &rows[at.Row][at.Column]
}

var errNoButton = refuse(http.StatusNotFound, "Этой кнопки уже нет.")

func (p *Page) press(r *http.Request, at position) (any, error) {
	a, err := p.actor(r)
	if err != nil {
		return nil, err
	}
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	c := a.room()
	m := c.byID[at.MessageID]
	if m == nil {
		return nil, errNoButton
	}
	b := at.in(m.inline)
	if b == nil {
		return nil, errNoButton
	}
	return nil, a.pressInline(c, m, b)
}

func (p *Page) pressKey(r *http.Request, at position) (any, error) {
	a, err := p.actor(r)
	if err != nil {
		return nil, err
	}
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	shown := a.room().keyboards[a.person.account.ID]
	if shown == nil || at.MessageID != shown.MessageID {
		return nil, errNoButton
	}
	b := at.in(shown.Rows)
	if b == nil {
		return nil, errNoButton
	}
	a.pressReply(shown, b)
	return nil, nil
}

// upload sends the body as a photo or a document, as the query says.
func (p *Page) upload(w http.ResponseWriter, r *http.Request) {
	respond(w, func() (any, error) {
		a, err := p.actor(r)
		if err != nil {
			return nil, err
		}
		q := r.URL.Query()
		kind, name, replyTo := q.Get("kind"), q.Get("name"), 0
		if s := q.Get("replyTo"); s != "" {
			if replyTo, err = strconv.Atoi(s); err != nil {
				return nil, refuse(http.StatusBadRequest, "replyTo is a number")
			}
		}
		if err := there(a, replyTo); err != nil {
			return nil, err
		}
		limit := map[string]int64{"photo": maxPhotoUpload, "document": maxUpload}[kind]
		switch {
		case limit == 0:
			return nil, refuse(http.StatusBadRequest, "kind is photo or document")
		case utf16Len(q.Get("caption")) > maxCaption || len(name) > 255:
			return nil, refuse(http.StatusBadRequest, "the caption or the name is too long")
		}
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			return nil, refuse(http.StatusRequestEntityTooLarge, fmt.Sprintf("Файл больше %d МБ.", limit>>20))
		}
		if len(data) == 0 {
			return nil, refuse(http.StatusBadRequest, "Файл пуст.")
		}
		return map[string]int{"messageId": a.Replying(replyTo).take(kind, name, r.Header.Get("Content-Type"), q.Get("caption"), data)}, nil
	})
}

// take sends a file. What is no picture that Telegram could show goes as a
// document, as its clients do it.
func (a *Actor) take(kind, name, contentType, caption string, data []byte) int {
	if _, _, err := image.DecodeConfig(bytes.NewReader(data)); kind == "photo" && err == nil {
		return a.SendPhoto(File{Data: data}, caption)
	}
	contentType, _, _ = mime.ParseMediaType(contentType)
	return a.SendDocument(File{Name: name, MIME: contentType, Data: data}, caption)
}

// serveFile shows a picture and has anything else saved.
func (p *Page) serveFile(w http.ResponseWriter, r *http.Request) {
	data, ok := p.opt.Telegram.FileData(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	serveForeign(w, r.URL.Query().Get("name"), data)
}

// serveForeign serves what somebody sent: never as a page of ours.
func serveForeign(w http.ResponseWriter, name string, data []byte) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	kind := http.DetectContentType(data)
	if !slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, kind) {
		kind = "application/octet-stream"
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	h.Set("Content-Type", kind)
	_, _ = w.Write(data)
}
