package simulator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestHTML(t *testing.T) {
	for _, test := range []struct {
		in, text string
		entities []Entity
	}{
		{"простой", "простой", nil},
		{"<b>а</b> &lt;&amp;&gt;&quot; &#39;&#x416; &nbsp;", "а <&>\" 'Ж &nbsp;", []Entity{{Type: "bold", Offset: 0, Length: 1}}},
		{"😀<i>б</i>", "😀б", []Entity{{Type: "italic", Offset: 2, Length: 1}}},
		{"<b><i>x</i>y</b>", "xy", []Entity{{Type: "bold", Length: 2}, {Type: "italic", Length: 1}}},
		{`<a href="https://a.ru/?a=1&amp;b=2">x</a>`, "x", []Entity{{Type: "text_link", Length: 1, URL: "https://a.ru/?a=1&b=2"}}},
		{`<a href="nowhere">x</a>`, "x", nil},
		{`<pre><code class="language-go">x</code></pre>`, "x", []Entity{{Type: "pre", Length: 1, Language: "go"}}},
		{`<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>`, "xy", []Entity{{Type: "spoiler", Length: 1}, {Type: "spoiler", Offset: 1, Length: 1}}},
		{"<blockquote expandable>x</blockquote><blockquote>y</blockquote>", "xy", []Entity{{Type: "expandable_blockquote", Length: 1}, {Type: "blockquote", Offset: 1, Length: 1}}},
		{`<tg-time unix="1647531900" format="wDT">завтра</tg-time>`, "завтра", []Entity{{Type: "date_time", Length: 6, UnixTime: 1647531900, TimeFormat: "wDT"}}},
		{"<B>x</>", "x", []Entity{{Type: "bold", Length: 1}}},
		{"<u></u>x", "x", nil},
		{"a & b &", "a & b &", nil},
	} {
		text, entities, err := parseHTML(test.in)
		if err != nil || text != test.text || !cmp.Equal(entities, test.entities, cmpopts.EquateEmpty()) {
			t.Errorf("parseHTML(%q) = %q, %v, %v", test.in, text, entities, err)
		}
		again, marks, err := parseHTML(renderHTML(text, entities))
		if err != nil || again != text || !cmp.Equal(marks, entities, cmpopts.EquateEmpty()) {
			t.Errorf("%q rendered as %q", test.in, renderHTML(text, entities))
		}
	}
}

func TestHTMLErrors(t *testing.T) {
	for in, want := range map[string]string{
		"я<x>":                     `Unsupported start tag "x" at byte offset 2`,
		"<br/>":                    `Unsupported start tag "br/" at byte offset 0`,
		"1 < 2":                    `Unsupported start tag "" at byte offset 2`,
		"<b":                       `Unclosed start tag at byte offset 0`,
		"<b>x":                     `Can't find end tag corresponding to start tag "b"`,
		"x</b>":                    `Unexpected end tag at byte offset 1`,
		"<b><i>x</b></i>":          `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
		"<b>x</b":                  `Unclosed end tag at byte offset 4`,
		"<span>x</span>":           `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		"<a href=\"x":              `Unclosed start tag at byte offset 0`,
		"<a href=x/y>z</a>":        `Unexpected end of name token at byte offset 8`,
		`<a ="x">y</a>`:            `Empty attribute name in the tag "a" at byte offset 0`,
		"<b>ООО <Ромашка></b>":     `Unsupported start tag "ромашка" at byte offset 10`,
		"<a href='1.ru'>x</a></a>": `Unexpected end tag at byte offset 20`,
	} {
		_, _, err := parseHTML(in)
		if err == nil || err.Error() != want {
			t.Errorf("parseHTML(%q): %v, want %s", in, err, want)
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add(`<b a='&#x41;'>я</b>&lt;`)
	f.Fuzz(func(t *testing.T, in string) {
		text, entities, err := parseHTML(strings.ToValidUTF8(in, "?"))
		if err != nil {
			return
		}
		for _, e := range entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > utf16Len(text) {
				t.Errorf("%q: %+v lies outside %q", in, e, text)
			}
		}
		renderHTML(text, entities)
	})
}

func TestDetect(t *testing.T) {
	for in, want := range map[string][]Entity{
		"/start":                     {{Type: "bot_command", Length: 6}},
		"😀 /status@bot_sim 26-00001": {{Type: "bot_command", Offset: 3, Length: 15}},
		"a/b и/или":                  nil,
		"пишите на a.b@mail.ru":      {{Type: "email", Offset: 10, Length: 11}},
		"см. https://155.ru/a?b, да": {{Type: "url", Offset: 4, Length: 18}},
		"/a /b":                      {{Type: "bot_command", Length: 2}, {Type: "bot_command", Offset: 3, Length: 2}},
	} {
		if got := detect(in); !cmp.Equal(got, want, cmpopts.EquateEmpty()) {
			t.Errorf("detect(%q) = %+v", in, got)
		}
	}
}
