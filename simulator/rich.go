package simulator

import "strings"

// Rich is a piece of a rich message, ready to become JSON: a RichBlock or a
// RichText (https://core.telegram.org/bots/api#richmessage).
type Rich = map[string]any

// RichParagraph is a paragraph: texts, and parts like RichLink among them.
func RichParagraph(parts ...any) Rich { return Rich{"type": "paragraph", "text": parts} }

// RichHeading is a heading.
func RichHeading(text string) Rich { return Rich{"type": "heading", "size": 2, "text": text} }

// RichLink is words with an address behind them.
func RichLink(text, address string) Rich { return Rich{"type": "url", "text": text, "url": address} }

// RichBold is words in bold.
func RichBold(text string) Rich { return Rich{"type": "bold", "text": text} }

// RichList is a list with a point for each text.
func RichList(items ...string) Rich {
	var list []Rich
	for _, item := range items {
		list = append(list, Rich{"label": "•", "blocks": []Rich{RichParagraph(item)}})
	}
	return Rich{"type": "list", "items": list}
}

// RichTable is a table of plain cells.
func RichTable(rows ...[]string) Rich {
	var cells [][]Rich
	for _, row := range rows {
		var line []Rich
		for _, text := range row {
			line = append(line, Rich{"text": text, "align": "left", "valign": "top"})
		}
		cells = append(cells, line)
	}
	return Rich{"type": "table", "cells": cells}
}

// SendRich pastes a formatted text, as Telegram's clients send it since Bot API
// 10.1: rich_message, and no text.
func (a *Actor) SendRich(blocks ...Rich) int {
	return a.sendContent(richMessage(blocks))
}

func richMessage(blocks []Rich) *message {
	m := &message{rich: richText(blocks)}
	m.set("rich_message", map[string]any{"blocks": blocks})
	return m
}

// richText is what a rich message shows, without its form.
func richText(part any) string {
	var out []string
	switch part := part.(type) {
	case string:
		return part
	case []any:
		for _, p := range part {
			out = append(out, richText(p))
		}
		return strings.Join(out, "")
	case []Rich:
		for _, p := range part {
			out = append(out, richText(p))
		}
	case [][]Rich:
		for _, row := range part {
			out = append(out, strings.ReplaceAll(richText(row), "\n", "\t"))
		}
	case Rich:
		for _, name := range []string{"text", "blocks", "items", "cells"} {
			if text := richText(part[name]); text != "" {
				out = append(out, text)
			}
		}
	}
	return strings.Join(out, "\n")
}

// SendFormatted writes a text with marks, given in the Bot API's HTML: links
// behind words, bold, quotations. Marks that are wrong are a mistake of the
// caller: it panics.
func (a *Actor) SendFormatted(html string) int {
	text, entities, err := parseHTML(html)
	if err != nil {
		panic("simulator: SendFormatted: " + err.Error())
	}
	text, entities = trimmed(cleanText(text), entities)
	return a.sendContent(&message{text: text, entities: append(entities, detect(text)...)})
}
