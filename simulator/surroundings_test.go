package simulator_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/simulator"
)

// TestWebhookAddresses: where Telegram delivers and where not.
func TestWebhookAddresses(t *testing.T) {
	tg := start(t, simulator.Options{Hosts: map[string]string{
		"inside.example.ru": "10.1.2.3", "six.example.ru": "2a00:1450::1", "nowhere.example.ru": "", "bot.example.ru": "93.184.215.14",
	}})
	own := start(t, simulator.Options{OwnServer: true})
	for address, want := range map[string]string{
		"https://bot.example.ru/hook":         "",
		"https://bot.example.ru:8443/hook":    "",
		"https://bot.example.ru:88/":          "",
		"https://bot.example.ru:8080/hook":    "Webhook can be set up only on ports 80, 88, 443 or 8443",
		"http://bot.example.ru/hook":          "An HTTPS URL must be provided for webhook",
		"https://127.0.0.1/hook":              "IP address 127.0.0.1 is reserved",
		"https://192.168.1.5:8443/":           "IP address 192.168.1.5 is reserved",
		"https://inside.example.ru/":          "IP address 10.1.2.3 is reserved",
		"https://localhost/":                  "IP address 127.0.0.1 is reserved",
		"https://[2a00:1450::1]/":             "IPv6-only addresses are not allowed",
		"https://six.example.ru/":             "IPv6-only addresses are not allowed",
		"https://nowhere.example.ru/":         "Failed to resolve host: Name or service not known",
		"https://intranet/hook":               "Failed to resolve host: Name or service not known",
		"https://bot.invalid/hook":            "Failed to resolve host: Name or service not known",
		"https:///hook":                       "invalid webhook URL specified",
		"https://bot.example.ru/hook?token=a": "",
	} {
		if want != "" {
			want = "Bad Request: bad webhook: " + want
		}
		if got := do(t, tg, "setWebhook", fields{"url": address}); got.Description != want {
			t.Errorf("%s: %q, want %q", address, got.Description, want)
		}
		if got := do(t, own, "setWebhook", fields{"url": address}); got.OK != (address != "https:///hook") {
			t.Errorf("a server of one's own, %s: %q", address, got.Description)
		}
	}
	if got := do(t, tg, "setWebhook", fields{"url": "https://bot.example.ru/", "secret_token": "два слова"}); got.Description != "Bad Request: secret token contains unallowed characters" {
		t.Error(got.Description)
	}
}

// deliveries answers webhook deliveries as a test says, and keeps when they came.
type deliveries struct {
	began   time.Time
	at      []time.Duration
	answers []int // the last one goes on
	after   string
}

func (d *deliveries) RoundTrip(r *http.Request) (*http.Response, error) {
	d.at = append(d.at, time.Since(d.began))
	status := d.answers[0]
	if len(d.answers) > 1 {
		d.answers = d.answers[1:]
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Retry-After": {d.after}},
		Body: io.NopCloser(strings.NewReader("")), Request: r,
	}, nil
}

// TestWebhookPauses: again at once, then after 2, 4, 8 … 120 seconds; what the
// bot asks for goes before, up to an hour; every 2xx is success.
func TestWebhookPauses(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers []int
		after   string
		want    []time.Duration // seconds
	}{
		{"pauses", []int{500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 204}, "", []time.Duration{0, 0, 2, 6, 14, 30, 62, 126, 246, 366, 486}},
		{"asked for", []int{503, 503, 202}, "30", []time.Duration{0, 30, 60}},
		{"an hour at most", []int{503, 200}, "7200", []time.Duration{0, 3600}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &deliveries{began: time.Now(), answers: test.answers, after: test.after}
				tg := serve(t, simulator.Options{InMemory: true, WebhookTransport: d})
				defer tg.Close()
				must(t, tg, "setWebhook", fields{"url": "https://bot.example.ru/"})
				tg.Person("Анна", "").Chat().Send("раз")
				if err := tg.AwaitConfirmed(context.Background()); err != nil {
					t.Fatal(err)
				}
				if len(d.at) != len(test.want) {
					t.Fatalf("delivered at %v", d.at)
				}
				for i, at := range d.at {
					if at != test.want[i]*time.Second {
						t.Errorf("delivered at %v, want %v", d.at, test.want)
						break
					}
				}
			})
		})
	}
}

// TestWebhookGone: a bot that answers 410 for a day has its webhook removed.
func TestWebhookGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := serve(t, simulator.Options{InMemory: true, WebhookTransport: &deliveries{answers: []int{410}}})
		defer tg.Close()
		must(t, tg, "setWebhook", fields{"url": "https://bot.example.ru/"})
		tg.Person("Анна", "").Chat().Send("раз")
		time.Sleep(22 * time.Hour)
		if info := string(must(t, tg, "getWebhookInfo", nil).Result); !strings.Contains(info, "bot.example.ru") || !strings.Contains(info, "Gone") {
			t.Error(info)
		}
		time.Sleep(2 * time.Hour)
		if info := string(must(t, tg, "getWebhookInfo", nil).Result); strings.Contains(info, "bot.example.ru") {
			t.Error(info)
		}
	})
}

// TestPressesApart: a press does not wait for a message of the same person.
func TestPressesApart(t *testing.T) {
	for _, apart := range []bool{false, true} {
		arrived := make(chan string, 2)
		release := make(chan struct{})
		tg := start(t, simulator.Options{LoopbackWebhooks: true, PressesApart: apart, WebhookTransport: roundTrip(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), `"callback_query"`) {
				arrived <- "press"
			} else {
				arrived <- "message"
				<-release
			}
			return &http.Response{StatusCode: 200, Status: "200 OK", Body: http.NoBody, Request: r}, nil
		})})
		anna := started(t, tg)
		send(t, tg, anna.ChatID(), "Согласны?", fields{"reply_markup": inline})
		must(t, tg, "setWebhook", fields{"url": "http://127.0.0.1/"})
		anna.Send("текст")
		if got := <-arrived; got != "message" {
			t.Fatal(got)
		}
		if err := anna.Press("Да"); err != nil {
			t.Fatal(err)
		}
		if apart {
			if got := <-arrived; got != "press" {
				t.Error(got)
			}
		}
		close(release)
		awaitConfirmed(t, tg)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOwnServer serves no files; with --local it names one in a folder.
func TestOwnServer(t *testing.T) {
	folder := t.TempDir()
	for name, opt := range map[string]simulator.Options{
		"plain": {OwnServer: true}, "--local": {LocalFiles: folder},
	} {
		tg := start(t, opt)
		m, _ := started(t, tg).Message(tg.People()[0].Chat().SendDocument(simulator.File{Name: "a.pdf", Data: []byte("%PDF"), Size: 30 << 20}, ""))
		got := do(t, tg, "getFile", fields{"file_id": m.Attachment.FileID})
		if name == "plain" {
			if got.Description != "Bad Request: file is too big" {
				t.Errorf("%+v", got)
			}
			small, _ := tg.People()[0].Chat().Message(tg.People()[0].Chat().SendDocument(simulator.File{Name: "a.pdf", Data: []byte("%PDF")}, ""))
			got = must(t, tg, "getFile", fields{"file_id": small.Attachment.FileID})
		}
		at := decode[struct {
			Path string `json:"file_path"`
		}](t, got).Path
		resp, err := http.Get(tg.URL() + "/file/bot" + tg.Token() + "/" + at)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 404 {
			t.Errorf("%s: /file answers %s", name, resp.Status)
		}
		if name == "plain" {
			continue
		}
		if data, err := os.ReadFile(at); !filepath.IsAbs(at) || err != nil || string(data) != "%PDF" {
			t.Errorf("%s holds %q, %v", at, data, err)
		}
	}
}

// TestHTTP2OverARelay: the server speaks HTTP/2 over https, and a relay before it
// can forget a connection.
func TestHTTP2OverARelay(t *testing.T) {
	tg := start(t, simulator.Options{TLS: true})
	relay := simulator.StartRelay(tg.Addr())
	defer relay.Close()
	transport := &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: tg.CertPool()},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, relay.Addr())
		},
	}
	defer transport.CloseIdleConnections()
	get := func(patience time.Duration) error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, tg.URL()+"/bot"+tg.Token()+"/getMe", nil)
		resp, err := transport.RoundTrip(r)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.ProtoMajor != 2 || resp.StatusCode != 200 {
			t.Errorf("%s %s", resp.Proto, resp.Status)
		}
		return nil
	}
	if err := get(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	relay.Swallow()
	if err := get(200 * time.Millisecond); err == nil {
		t.Error("a swallowed connection answers")
	}
	relay.Drop()
	err := get(10 * time.Second)
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); {
		err = get(10 * time.Second) // the first may still have taken the connection that was dropped
	}
	if err != nil {
		t.Errorf("after the connection was dropped: %v", err)
	}
	if open, all := relay.Connections(); open < 1 || all < 2 {
		t.Errorf("%d connections are open of %d", open, all)
	}
	if !strings.HasPrefix(string(tg.CertificatePEM()), "-----BEGIN CERTIFICATE-----") {
		t.Error("no certificate for SSL_CERT_FILE")
	}
}
