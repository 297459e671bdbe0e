package simulator

import (
	"fmt"
	"html"
	"strings"
)

// entityTags say how an entity is written in HTML.
var entityTags = map[string]string{
	"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre",
	"spoiler": "tg-spoiler", "blockquote": "blockquote", "expandable_blockquote": "blockquote",
	"text_link": "a", "custom_emoji": "tg-emoji", "date_time": "tg-time",
}

// renderHTML writes text and entities as Telegram's HTML again.
func renderHTML(text string, entities []Entity) string {
	var out strings.Builder
	var open []Entity
	offset := 0
	next := 0
	step := func() {
		for len(open) > 0 && open[len(open)-1].Offset+open[len(open)-1].Length <= offset {
			out.WriteString(open[len(open)-1].endTag())
			open = open[:len(open)-1]
		}
		for ; next < len(entities) && entities[next].Offset <= offset; next++ {
			if e := entities[next]; entityTags[e.Type] != "" {
				out.WriteString(e.startTag())
				open = append(open, e)
			}
		}
	}
	for _, r := range text {
		step()
		out.WriteString(html.EscapeString(string(r)))
		offset += utf16Width(r)
	}
	step()
	for i := len(open) - 1; i >= 0; i-- {
		out.WriteString(open[i].endTag())
	}
	return out.String()
}

func (e Entity) startTag() string {
	tag := "<" + entityTags[e.Type]
	switch e.Type {
	case "text_link":
		tag += ` href="` + html.EscapeString(e.URL) + `"`
	case "expandable_blockquote":
		tag += " expandable"
	case "custom_emoji":
		tag += ` emoji-id="` + html.EscapeString(e.CustomEmojiID) + `"`
	case "date_time":
		tag += fmt.Sprintf(` unix="%d" format="%s"`, e.UnixTime, html.EscapeString(e.TimeFormat))
	case "pre":
		if e.Language != "" {
			return tag + `><code class="language-` + html.EscapeString(e.Language) + `">`
		}
	}
	return tag + ">"
}

func (e Entity) endTag() string {
	if e.Type == "pre" && e.Language != "" {
		return "</code></pre>"
	}
	return "</" + entityTags[e.Type] + ">"
}
