package telegram

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
)

// richWords is what a rich message says (Bot API, RichMessage: blocks, and
// texts within texts). It is read as a tree of any JSON: a kind of block newer
// than this program is read by the fields in which the others have their words.
func richWords(raw json.RawMessage) string {
	var message struct {
		Blocks any `json:"blocks"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &message) != nil {
		return ""
	}
	return strings.TrimSpace(richBlocks(message.Blocks))
}

// richFile is the first file of a rich message. A message has one; the others
// are named in its words.
func richFile(raw json.RawMessage) (a incident.Attachment, ok bool) {
	var block struct {
		Blocks []json.RawMessage `json:"blocks"`
		Voice  *File             `json:"voice_note"`
		Media
	}
	if len(raw) == 0 || json.Unmarshal(raw, &block) != nil {
		return a, false
	}
	if block.Media.Voice == nil {
		block.Media.Voice = block.Voice
	}
	if a, ok = block.Attachment(); ok {
		return a, true
	}
	for _, inner := range block.Blocks {
		if a, ok = richFile(inner); ok {
			return a, true
		}
	}
	return a, false
}

// richBlocks writes blocks, one below the other.
func richBlocks(v any) string {
	list, _ := v.([]any)
	var lines []string
	for _, item := range list {
		if block, ok := item.(map[string]any); ok {
			if said := richBlock(block); said != "" {
				lines = append(lines, said)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// richBlock writes one block.
func richBlock(b map[string]any) string {
	switch kind, _ := b["type"].(string); kind {
	case "blockquote", "expandable_blockquote", "pullquote":
		return belowEachOther(quoted(cmp.Or(richBlocks(b["blocks"]), richText(b["text"]))), richText(b["credit"]))
	case "list":
		return richList(b["items"])
	case "table":
		return belowEachOther(richText(b["caption"]), richTable(b["cells"]))
	case "map":
		place, _ := b["location"].(map[string]any)
		return belowEachOther(fmt.Sprintf("(место на карте: %v, %v)", place["latitude"], place["longitude"]), richCaption(b["caption"]))
	case "mathematical_expression":
		return richText(b)
	case "buttons":
		buttons, _ := b["buttons"].([]any)
		var labels []string
		for _, button := range buttons {
			labels = append(labels, richButton(button))
		}
		return strings.Join(labels, " ")
	default:
		return belowEachOther(richText(b["summary"]), richText(b["text"]), richMedia[kind], richBlocks(b["blocks"]), richCaption(b["caption"]))
	}
}

// richMedia stands for the file of a block.
var richMedia = map[string]string{
	"photo": "(фото)", "video": "(видео)", "animation": "(анимация)", "audio": "(аудио)", "document": "(документ)", "voice_note": "(голосовое сообщение)",
}

// richCaption is a caption: a text, with the credit below it if there is one.
func richCaption(v any) string {
	caption, ok := v.(map[string]any)
	if !ok || caption["type"] != nil {
		return richText(v)
	}
	return belowEachOther(richText(caption["text"]), richText(caption["credit"]))
}

func richList(v any) string {
	items, _ := v.([]any)
	var lines []string
	for _, item := range items {
		point, _ := item.(map[string]any)
		label, _ := point["label"].(string)
		if checked, _ := point["is_checked"].(bool); checked {
			label += " ☑"
		} else if box, _ := point["has_checkbox"].(bool); box {
			label += " ☐"
		}
		lines = append(lines, strings.TrimSpace(label+" "+richBlocks(point["blocks"])))
	}
	return strings.Join(lines, "\n")
}

func richTable(v any) string {
	rows, _ := v.([]any)
	var lines []string
	for _, row := range rows {
		cells, _ := row.([]any)
		var texts []string
		for _, cell := range cells {
			c, _ := cell.(map[string]any)
			texts = append(texts, richText(c["text"]))
		}
		lines = append(lines, strings.Join(texts, " | "))
	}
	return strings.Join(lines, "\n")
}

// richText writes a text: words, a row of texts, or one with a form.
func richText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var b strings.Builder
		for _, part := range v {
			b.WriteString(richText(part))
		}
		return b.String()
	case map[string]any:
		switch v["type"] {
		case "url":
			return linked(richText(v["text"]), v["url"])
		case "custom_emoji":
			return richText(v["alternative_text"])
		case "mathematical_expression":
			return richText(v["expression"])
		case "button":
			return richButton(v["button"])
		}
		return richText(v["text"])
	}
	return ""
}

func richButton(v any) string {
	button, _ := v.(map[string]any)
	return linked(richText(button["text"]), button["url"])
}

// linked writes an address beside the words under which it stands.
func linked(words string, address any) string {
	url, _ := address.(string)
	if url == "" {
		return words
	}
	return conversation.WithLinks(words, []conversation.Link{{Length: incident.Units(words), URL: url}})
}

// quoted puts the mark of a quotation before each line.
func quoted(words string) string {
	return conversation.WithOrigin(words, "", "")
}

func belowEachOther(parts ...string) string {
	var lines []string
	for _, part := range parts {
		if strings.TrimSpace(part) != "" {
			lines = append(lines, part)
		}
	}
	return strings.Join(lines, "\n")
}
