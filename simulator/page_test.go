package simulator_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// screen is a page that is served, without a program behind it.
type screen struct {
	*testing.T
	*simulator.Telegram
	page  *simulator.Page
	url   string
	clerk *simulator.Actor
	staff *simulator.Actor
}

func openScreen(t *testing.T) *screen {
	clock, hub := simulator.NewClock(time.Time{}), simulator.NewHub()
	tg := start(t, simulator.Options{Now: clock.Now, Events: hub})
	mail := simulator.StartMail(simulator.MailOptions{Now: clock.Now, Events: hub})
	group := tg.Group("Техподдержка")
	s := &screen{T: t, Telegram: tg, staff: group.Staff("Игорь", "Соколов"), clerk: tg.Person("Анна", "Иванова").Chat()}
	s.page = simulator.NewPage(simulator.PageOptions{
		Telegram: tg, Mail: mail, Group: group, Events: hub, Clerks: []*simulator.Person{s.clerk.Person()},
		Boxes: []simulator.Mailbox{{Title: "УИТ", Address: "uit@example.ru"}}, Host: "demo.example.ru",
		Backstage: simulator.Backstage{
			Now: clock.Now, Location: time.FixedZone("МСК+2", 5*3600),
			Register:     func(context.Context) ([]simulator.Row, error) { return nil, nil },
			Gauges:       func(context.Context) simulator.Gauges { return simulator.Gauges{} },
			SetRedisDown: func(bool) {}, Advance: clock.Advance,
			Storm: func(ctx context.Context, _ int, _ func(float64), done func(error)) { <-ctx.Done(); done(ctx.Err()) },
		},
	})
	server := httptest.NewServer(s.page)
	s.url = server.URL
	t.Cleanup(func() {
		s.page.Close()
		server.Close()
		mail.Close()
	})
	return s
}

// ask makes a request, with header fields in pairs, and returns the answer with its body read.
func (s *screen) ask(method, path, body string, header ...string) (*http.Response, string) {
	s.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for ; len(header) > 0; header = header[2:] {
		if header[0] == "Host" {
			request.Host = header[1]
		}
		request.Header.Set(header[0], header[1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response, string(text)
}

func (s *screen) own(rest string) string {
	return "/api/people/" + strconv.FormatInt(s.clerk.Person().ID(), 10) + rest
}

// TestPageRefuses: what the page itself never asks gets a 4xx and changes nothing.
func TestPageRefuses(t *testing.T) {
	s := openScreen(t)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		code                     int
	}{
		{"no JSON", "POST", s.own("/send"), "text=привет", nil, 400},
		{"another type", "POST", s.own("/send"), `{"text":"привет"}`, []string{"Content-Type", "text/plain"}, 415},
		{"an unknown field", "POST", s.own("/send"), `{"text":"привет","as":1}`, nil, 400},
		{"two objects", "POST", s.own("/send"), `{"text":"привет"}{}`, nil, 400},
		{"no text", "POST", s.own("/send"), `{"text":" \n"}`, nil, 400},
		{"too much", "POST", s.own("/send"), `{"text":"` + strings.Repeat("я", 200_000) + `"}`, nil, 400},
		{"nobody", "POST", "/api/people/1/send", `{"text":"привет"}`, nil, 404},
		{"no id", "POST", "/api/people/anna/send", `{"text":"привет"}`, nil, 400},
		{"a reply to nothing", "POST", s.own("/send"), `{"text":"привет","replyTo":77}`, nil, 404},
		{"no such button", "POST", s.own("/press"), `{"messageId":1,"row":-1,"column":0}`, nil, 404},
		{"no such key", "POST", s.own("/key"), `{"messageId":1,"row":0,"column":0}`, nil, 404},
		{"not her message", "POST", s.own("/edit"), `{"messageId":1,"text":"нет"}`, nil, 409},
		{"an unknown kind of file", "POST", s.own("/upload?kind=virus"), "x", nil, 400},
		{"an empty file", "POST", s.own("/upload?kind=document&name=a.txt"), "", nil, 400},
		{"unknown weather", "POST", "/api/weather", `{"mail":"sunny"}`, nil, 400},
		{"the clock backwards", "POST", "/api/clock", `{"forward":"-4h"}`, nil, 400},
		{"too big a storm", "POST", "/api/storm", `{"clerks":100000}`, nil, 400},
		{"no storm at all", "POST", "/api/storm", `{"clerks":0}`, nil, 400},
		{"another method", "GET", "/api/storm", "", nil, 404},
		{"no such letter", "GET", "/api/letters/0", "", nil, 404},
		{"no number of a letter", "GET", "/api/letters/x/html", "", nil, 400},
		{"no such file", "GET", "/api/files/x", "", nil, 404},
		{"outside the embedded files", "GET", "/../page.go", "", nil, 404},
		{"a foreign page", "POST", s.own("/send"), `{"text":"привет"}`, []string{"Origin", "https://evil.example"}, 403},
		{"a foreign page in a new browser", "POST", s.own("/send"), `{"text":"привет"}`, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a foreign name that points here", "GET", "/api/world", "", []string{"Host", "evil.example:8155"}, 421},
	} {
		if response, text := s.ask(c.method, c.path, c.body, c.header...); response.StatusCode != c.code {
			t.Errorf("%s: %d %s, want %d", c.name, response.StatusCode, text, c.code)
		}
	}
	if screen := s.clerk.Screen(); screen != "" {
		t.Errorf("something was done:\n%s", screen)
	}
}

func TestPagePolicy(t *testing.T) {
	s := openScreen(t)
	for _, path := range []string{"/", "/app.js", "/base.css", "/icon.svg", "/coordinator.jpg", "/api/world"} {
		response, body := s.ask("GET", path, "", "Host", "demo.example.ru:8155")
		policy := response.Header.Get("Content-Security-Policy")
		if response.StatusCode != 200 || body == "" || response.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(policy, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s %q", path, response.Status, response.Header)
		}
	}
}

// TestPageActs: what is typed, pressed and attached in the page are the
// person's own updates.
func TestPageActs(t *testing.T) {
	s := openScreen(t)
	if response, text := s.ask("POST", s.own("/send"), `{"text":"привет"}`); response.StatusCode != 200 {
		t.Fatal(text)
	}
	chat := strconv.FormatInt(s.clerk.ChatID(), 10)
	must(t, s.Telegram, "sendMessage", fields{"chat_id": chat, "text": "Выберите", "reply_markup": `{"inline_keyboard":[[{"text":"А","callback_data":"a"},{"text":"Б","callback_data":"b"}]]}`})
	at := strconv.Itoa(s.clerk.Last().ID)
	must(t, s.Telegram, "sendMessage", fields{"chat_id": chat, "text": "Номер", "reply_markup": `{"keyboard":[[{"text":"Мой номер","request_contact":true}],[{"text":"Назад"}]]}`})
	board := strconv.Itoa(s.clerk.Last().ID)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"/press", `{"messageId":` + at + `,"row":0,"column":1}`},
		{"/key", `{"messageId":` + board + `,"row":1,"column":0}`},
		{"/key", `{"messageId":` + board + `,"row":0,"column":0}`},
		{"/upload?kind=photo&caption=снимок", picture.String()},
		{"/upload?kind=photo&name=not.png", "no picture"},
	} {
		if response, text := s.ask("POST", s.own(c[0]), c[1]); response.StatusCode/100 != 2 {
			t.Errorf("%s: %s", c[0], text)
		}
	}
	pressed := false
	for _, u := range updates(t, s.Telegram, 0) {
		pressed = pressed || u.Query != nil && u.Query.Data == "b"
	}
	if !pressed {
		t.Error("the press is no update")
	}
	want := []string{"> привет", "> Назад", "> <contact Анна Иванова 7", "> <photo> снимок", "> <document not.png>"}
	for _, line := range want {
		if !strings.Contains(s.clerk.Screen(), line) {
			t.Errorf("%q is missing:\n%s", line, s.clerk.Screen())
		}
	}
	photo := s.clerk.Messages()[5].Attachment
	if response, body := s.ask("GET", "/api/files/"+photo.FileID, ""); response.Header.Get("Content-Type") != "image/png" || body != picture.String() {
		t.Errorf("%q", response.Header)
	}
	file := s.clerk.Messages()[6].Attachment
	if response, _ := s.ask("GET", "/api/files/"+file.FileID+"?name=a.html", ""); response.Header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%q", response.Header)
	}
}

// TestPageStream: what happens in a shown chat comes down the stream, what
// happens elsewhere does not.
func TestPageStream(t *testing.T) {
	s := openScreen(t)
	request, _ := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/events", nil)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read := bufio.NewScanner(response.Body)
	next := func(name string) string {
		t.Helper()
		for read.Scan() {
			if read.Text() == "event: "+name {
				read.Scan()
				return strings.TrimPrefix(read.Text(), "data: ")
			}
		}
		t.Fatal("the stream ended: ", read.Err())
		return ""
	}
	next("hello")
	s.Person("Чужой", "").Chat().Send("не на экране")
	s.clerk.Send("на экране")
	for {
		var e simulator.Event
		if err := json.Unmarshal([]byte(next("event")), &e); err != nil {
			t.Fatal(err)
		}
		if e.Kind != simulator.EventMessage {
			continue
		}
		if e.Message.Text != "на экране" {
			t.Errorf("%+v", e.Message)
		}
		break
	}
	if response, text := s.ask("POST", "/api/clock", `{"forward":"morning"}`); response.StatusCode != 200 || !strings.Contains(text, "T08:00:0") {
		t.Error(text)
	}
	for {
		var p simulator.Pulse
		if err := json.Unmarshal([]byte(next("pulse")), &p); err != nil {
			t.Fatal(err)
		}
		if p.Ahead > 0 && p.Pending == 2 {
			break
		}
	}
}
