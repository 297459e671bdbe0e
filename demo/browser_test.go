package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"intakebot/e2e/harness"
)

// browser is a Chromium that looks at a page and keeps what it complained of
// and asked for.
type browser struct {
	*testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	asked      []string
}

// openBrowser starts Chromium, or says what to install.
func openBrowser(t *testing.T) *browser {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		harness.Missing(t, "chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	timed, cancelTimed := context.WithTimeout(allocator, 3*time.Minute)
	ctx, cancel := chromedp.NewContext(timed)
	b := &browser{T: t, ctx: ctx}
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancel()
		cancelTimed()
		cancelAllocator()
		chromedp.FromContext(ctx).Allocator.Wait()
	})
	b.listen()
	return b
}

// listen keeps what the page writes to the console and what it asks for.
func (b *browser) listen() {
	var listening sync.WaitGroup
	b.Cleanup(listening.Wait) // runs before the browser is closed, so its context is ended first
	ctx, stop := context.WithCancel(b.ctx)
	b.Cleanup(stop)
	messages := chromedp.Console(ctx)
	requests := chromedp.Events(ctx, network.RequestWillBeSent)
	listening.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.keep(&b.complaints, fmt.Sprintf("%s: %s (%s:%d)", m.Type, m.Text, m.URL, m.Line))
		}
	})
	listening.Go(func() {
		for r, err := range requests {
			if err != nil {
				return
			}
			b.keep(&b.asked, r.Request.URL)
		}
	})
}

func (b *browser) keep(list *[]string, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*list = append(*list, text)
}

// do carries out actions of a person; the screen's text goes into the failure.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 35*time.Second) // a loaded machine is slow, not wrong
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatalf("%v\n%s", err, b.screen())
	}
}

func (b *browser) screen() string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// await waits until an expression of JavaScript is true.
func (b *browser) await(expression string) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(30*time.Second), chromedp.WithPollingInterval(30*time.Millisecond))(ctx, t)
		if err != nil {
			return fmt.Errorf("%s: %w", expression, err)
		}
		return nil
	}))
}

// text is the text of an element.
func (b *browser) text(css string) string {
	b.Helper()
	var text string
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		text, err = chromedp.TextContent(chromedp.CSS(css))(ctx, t)
		return err
	}))
	return text
}

func (b *browser) click(css string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(css)))
}

// clickNamed clicks the last element that css finds with exactly this text.
func (b *browser) clickNamed(css, name string) {
	b.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(n => n.textContent.trim() === %q && n.offsetParent).at(-1)`, css, name)
	b.await("Boolean(" + find + ")")
	b.do(chromedp.Click(chromedp.JSPath(find)))
}

const phone = ".device:not([hidden]) "

// says types into the phone, and waits for the answer of the bot.
func (b *browser) says(text, answer string) {
	b.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(phone+"textarea"), text+"\r"))
	b.answered(answer)
}

func (b *browser) presses(label, answer string) {
	b.Helper()
	b.clickNamed(phone+".key, "+phone+".board-key", label)
	b.answered(answer)
}

// answered waits for the newest message of the bot.
func (b *browser) answered(text string) {
	b.Helper()
	b.await(fmt.Sprintf(`[...document.querySelectorAll(%q)].at(-1)?.textContent.includes(%q)`, phone+".message.in", text))
}

// TestDemoPage goes the main way in a browser, by nothing but pressing and
// typing in the page.
func TestDemoPage(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	s := showStage(t, "")
	b.do(chromedp.Navigate(s.url))
	b.await(`document.body.dataset.ready === "true"`)

	b.clickNamed(".start", "Начать")
	b.answered("Вы согласны")
	b.presses("Согласен", "Организация")
	b.clickNamed(phone+".key", "Согласен")
	b.await(`document.querySelector(".toasts .notice")?.textContent.includes("согласились")`)
	b.says("Администрация города Кургана", "ФИО")
	b.says("Иванова Анна Петровна", "Телефон")
	b.presses("Отправить мой номер", "Электронная почта")
	b.says("ivanova@example.ru", "Описание")
	b.says("Нет связи с сетью Правительства, <b>индикаторы</b> не горят.", "Проверьте")
	b.click(phone + `[title=Прикрепить]`)
	b.clickNamed(phone+".menu-item", "Снимок координатора")
	b.await(fmt.Sprintf(`document.querySelector(%q)?.naturalWidth > 0`, phone+".photo img"))
	b.answered("Вложения (1)") // the summary with the photo, not the one before it
	b.presses("Зарегистрировать", "Обращение зарегистрировано")
	number := b.text(phone + ".message:last-child .code")

	t.Log("the card, and a member of staff")
	b.await(fmt.Sprintf(`document.querySelector("#group .message.in")?.textContent.includes(%q)`, number))
	b.await(`document.querySelector("#group .photo img")?.naturalWidth > 0`)
	b.clickNamed(".speaker", "МЛМария")
	b.do(chromedp.SendKeys(chromedp.CSS("#group textarea"), "Беру\r"))
	b.await(`document.querySelector("#group .message.out")?.textContent.includes("Беру")`)
	b.await(fmt.Sprintf(`document.querySelector(".incident")?.textContent.includes(%q)`, number))
	b.click(".number")
	b.await(`document.querySelector(".details .history")?.textContent.includes("Зарегистрировано")`)
	b.click(".number")

	b.escalate(number)
	b.readLetter(s, number)
	b.atPhoneWidth()
	b.satisfied(s)
}

// escalate sends the letter while the relay is down, and brings it back.
func (b *browser) escalate(number string) {
	b.Helper()
	b.clickNamed(".choice span", "недоступна")
	b.await(`document.querySelector("input[value=down]").checked`)
	b.presses("Эскалировать в УИТ", "Текущее состояние")
	b.says("Связи по-прежнему нет.", "Письмо в УИТ")
	b.presses("Отправить в УИТ", "в очереди")
	b.await(`document.querySelector(".uit").textContent === "в очереди"`)
	b.await(`document.querySelector(".retry")?.textContent.includes("Писем в очереди: 1")`)
	b.clickNamed(".choice span", "работает")
	b.await(`document.querySelector("input[value=fine]").checked`)
	b.clickNamed(".weather .button", "+30 мин")
	b.answered("отправлено")
	b.await(`document.querySelector(".uit").textContent === "отправлено"`)
	b.await(fmt.Sprintf(`[...document.querySelectorAll("#group .message.in")].at(-1).textContent.includes(%q)`, number))
}

// readLetter opens the letter in УИТ's box and reads all its forms.
func (b *browser) readLetter(s *stage, number string) {
	b.Helper()
	b.await(fmt.Sprintf(`document.querySelector(".item")?.textContent.includes("Эскалация обращения %s")`, number))
	b.click(".item")
	b.do(chromedp.WaitVisible(chromedp.CSS(".pane iframe")))
	b.clickNamed(".view", "Текст")
	for _, part := range []string{number, "Иванова Анна Петровна", "Связи по-прежнему нет.", "<b>индикаторы</b>"} {
		if text := b.text(".pane pre"); !strings.Contains(text, part) {
			b.Errorf("the letter lacks %q:\n%s", part, text)
		}
	}
	b.clickNamed(".view", "Заголовки")
	if headers := b.text(".pane .headers"); !strings.Contains(headers, "X-Incident-Number"+number) {
		b.Error(headers)
	}
	b.clickNamed(".view", "Письмо")
	sandboxed, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.querySelector(".pane iframe").getAttribute("sandbox") === ""`))
	if err != nil || !sandboxed {
		b.Errorf("the letter's frame is not sandboxed: %v", err)
	}
	response, err := http.Get(s.url + "/api/letters/1/html")
	if err != nil {
		b.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") || !strings.Contains(string(body), number) {
		b.Errorf("%s\n%s", policy, body)
	}
}

// atPhoneWidth looks at every tab of a narrow screen: it fits, and shows its
// own part only.
func (b *browser) atPhoneWidth() {
	b.Helper()
	b.do(chromedp.EmulateViewport(390, 844))
	for _, tab := range []string{"weather", "register", "mail", "group", "phones"} {
		b.click(".tab[data-name=" + tab + "]")
		b.await(fmt.Sprintf(`[...document.querySelectorAll("[data-panel]")].filter(n => n.offsetParent).map(n => n.dataset.panel).join() === %q`, tab))
		width, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`Math.max(...[...document.querySelectorAll("body, body > *, [data-panel] > *")].filter(n => n.offsetParent).map(n => Math.ceil(n.getBoundingClientRect().right)))`))
		if err != nil || width > 390 {
			b.Errorf("%s is %d pixels wide: %v", tab, width, err)
		}
	}
	b.says("/my", "Зарегистрировано")
	b.do(chromedp.EmulateViewport(1440, 900))
}

// satisfied: the console is empty, and nothing was asked of anybody else.
func (b *browser) satisfied(s *stage) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.complaints) > 0 {
		b.Errorf("the console says %q", b.complaints)
	}
	if !slices.Contains(b.asked, s.url+"/app.js") {
		b.Errorf("requests are not seen: %q", b.asked)
	}
	for _, url := range b.asked {
		if !strings.HasPrefix(url, s.url+"/") && !strings.HasPrefix(url, "data:") {
			b.Errorf("the page asked for %s", url)
		}
	}
}
