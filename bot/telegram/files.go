package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-telegram/bot/models"

	"intakebot/incident"
	"intakebot/internal/loop"
)

// SendFile sends a file that Telegram holds already.
func (c *Client) SendFile(ctx context.Context, chat int64, a incident.Attachment, replyTo int) (int, error) {
	r := request{Chat: chat, Thread: c.thread(chat), Reply: reply(replyTo)}
	field, method := r.file(a.Kind)
	if field == nil {
		return 0, unknownKind(a)
	}
	*field = a.FileID
	return c.send(ctx, method, r)
}

// file finds the field and the method for a file of a kind.
func (r *request) file(kind incident.AttachmentKind) (field *string, method string) {
	switch kind {
	case incident.Photo:
		return &r.Photo, "sendPhoto"
	case incident.Video:
		return &r.Video, "sendVideo"
	case incident.Voice:
		return &r.Voice, "sendVoice"
	case incident.Audio:
		return &r.Audio, "sendAudio"
	case incident.VideoNote:
		return &r.VideoNote, "sendVideoNote"
	case incident.Animation:
		return &r.Animation, "sendAnimation"
	case incident.Document:
		return &r.Document, "sendDocument"
	}
	return nil, ""
}

// unknownKind is an answer that Telegram would give: a repetition does not mend
// it.
func unknownKind(a incident.Attachment) error {
	return &APIError{Code: http.StatusBadRequest, Description: fmt.Sprintf("MEDIA_INVALID: attachment of kind %q", a.Kind)}
}

// SendAlbum sends several files as one album and returns their ids in order, 0
// for those that Telegram did not tell.
func (c *Client) SendAlbum(ctx context.Context, chat int64, files []incident.Attachment, replyTo int) ([]int, error) {
	ids := make([]int, len(files))
	r := request{Chat: chat, Thread: c.thread(chat), Reply: reply(replyTo)}
	for _, a := range files {
		kind, fits := albumKinds[a.Kind]
		if !fits {
			return ids, unknownKind(a)
		}
		r.Media = append(r.Media, albumFile{kind, a.FileID})
	}
	var sent []sentMessage
	err := c.call(ctx, "sendMediaGroup", r, &sent)
	for k, m := range sent[:min(len(sent), len(ids))] {
		ids[k] = m.ID
	}
	return ids, err
}

// EditMedia puts a file in the place of what a message of ours holds, with words
// under it.
func (c *Client) EditMedia(ctx context.Context, chat int64, id int, a incident.Attachment, html string) error {
	kind, fits := editKinds[a.Kind]
	if !fits {
		return unknownKind(a)
	}
	type media struct {
		albumFile
		Caption   string           `json:"caption,omitempty"`
		ParseMode models.ParseMode `json:"parse_mode,omitempty"`
	}
	return c.call(ctx, "editMessageMedia", struct {
		Chat    int64 `json:"chat_id"`
		Message int   `json:"message_id"`
		Media   media `json:"media"`
	}{chat, id, media{albumFile{kind, a.FileID}, html, models.ParseModeHTML}}, nil)
}

// editKinds are the kinds that a message can be changed to, by InputMedia's word
// for them.
var editKinds = map[incident.AttachmentKind]string{
	incident.Photo: "photo", incident.Video: "video", incident.Document: "document",
	incident.Animation: "animation", incident.Audio: "audio",
}

// albumKinds are the kinds that an album can hold, by InputMedia's word for them.
var albumKinds = map[incident.AttachmentKind]string{
	incident.Photo: "photo", incident.Video: "video", incident.Document: "document",
}

// fetchAttempts is how often one file is asked for.
const fetchAttempts = 3

// Fetch gets a file from Telegram (Bot API, getFile). Its errors hold neither
// the token nor the file's path. A server of one's own that runs with --local
// names a path on its machine: it is read when it is there, else asked for like
// any other.
func (c *Client) Fetch(ctx context.Context, fileID string) (data []byte, err error) {
	for failures := range fetchAttempts {
		if failures > 0 && !loop.Pause(ctx, loop.Backoff(failures), nil) {
			break
		}
		if data, err = c.download(ctx, fileID); err == nil || !fetchable(err) {
			break
		}
	}
	return data, err
}

// fetchable says that it is worth asking for a file again.
func fetchable(err error) bool {
	a, answered := answerOf(err)
	return !answered && !errors.Is(err, ErrNoFiles) || a.Code >= 500 || a.Code == http.StatusTooManyRequests || strings.Contains(a.Description, "temporarily unavailable")
}
