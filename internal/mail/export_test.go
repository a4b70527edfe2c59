package mail

// What tests compare with.
var (
	OneLine  = headerText
	BodyText = bodyText
	HTMLTwin = htmlTwin
)
