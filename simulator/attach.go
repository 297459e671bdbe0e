package simulator

// SendPhoto sends a photo with a caption, which may be empty.
func (a *Actor) SendPhoto(f File, caption string) int { return a.sendFile("photo", f, caption) }

// SendDocument sends a file as a document.
func (a *Actor) SendDocument(f File, caption string) int { return a.sendFile("document", f, caption) }

// SendVideo sends a video.
func (a *Actor) SendVideo(f File, caption string) int { return a.sendFile("video", f, caption) }

// SendVoice sends a voice message.
func (a *Actor) SendVoice(f File, caption string) int { return a.sendFile("voice", f, caption) }

// SendAudio sends a piece of music.
func (a *Actor) SendAudio(f File, caption string) int { return a.sendFile("audio", f, caption) }

// SendAnimation sends a GIF.
func (a *Actor) SendAnimation(f File, caption string) int {
	return a.sendFile("animation", f, caption)
}

// SendSticker sends a sticker.
func (a *Actor) SendSticker() int {
	return a.sendFile("sticker", File{Data: []byte("RIFF....WEBP")}, "")
}

// SendVideoNote sends a round video message.
func (a *Actor) SendVideoNote(f File) int { return a.sendFile("video_note", f, "") }

func (a *Actor) sendFile(kind string, f File, caption string) int {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.put(0, a.fileMessage(kind, f, caption))[0]
}

func (a *Actor) fileMessage(kind string, f File, caption string) *message {
	caption, _ = trimmed(cleanText(caption), nil)
	return &message{file: a.tg.store(kind, f), text: caption, entities: detect(caption)}
}

// AlbumItem is one photo, video, document or audio of an album.
type AlbumItem struct {
	Kind    string // photo (the default), video, document, audio
	File    File
	Caption string
}

// SendAlbum sends several files as one album: separate messages and updates with
// one media_group_id. It returns their ids.
func (a *Actor) SendAlbum(items ...AlbumItem) []int {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	album := a.tg.newAlbum()
	var messages []*message
	for _, item := range items {
		if item.Kind == "" {
			item.Kind = "photo"
		}
		m := a.fileMessage(item.Kind, item.File, item.Caption)
		m.album = album
		messages = append(messages, m)
	}
	return a.put(0, messages...)
}

// SendLocation sends a point on the map.
func (a *Actor) SendLocation(latitude, longitude float64) int {
	return a.sendContent(&message{location: &Location{latitude, longitude}})
}

// SendPoll sends a poll.
func (a *Actor) SendPoll(question string, options ...string) int {
	return a.sendContent(&message{poll: &Poll{question, options}})
}

// SendContact sends a contact from the phone book: another person's, or with
// UserID 0 that of somebody without Telegram.
func (a *Actor) SendContact(c Contact) int {
	return a.sendContent(&message{contact: &c})
}

// ShareContact sends the person's own contact as the contact button of a reply
// keyboard does: a reply to the message that showed the keyboard.
func (a *Actor) ShareContact() int {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.shareContact()
}

func (a *Actor) shareContact() int {
	own := a.person.account
	m := &message{contact: &Contact{Phone: own.phone, FirstName: own.FirstName, LastName: own.LastName, UserID: own.ID}}
	replyTo := 0
	if shown := a.room().keyboards[own.ID]; shown != nil {
		replyTo = shown.MessageID
	}
	return a.put(replyTo, m)[0]
}

func (a *Actor) sendContent(m *message) int {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.put(0, m)[0]
}
