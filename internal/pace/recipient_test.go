package pace_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// someone is a contact as an import leaves it.
type someone struct {
	fields       map[string]string
	phone, email string
}

func with(pairs ...string) map[string]string {
	fields := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	return fields
}

var november = time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)

// Some people as exports have them, and whose clock each lives by.
func TestRecipientOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who  someone
		zone string
		by   pace.By
	}{
		"an IANA name":                         {someone{fields: with("timezone", "Europe/Brussels")}, "Europe/Brussels", pace.ByField},
		"in another case":                      {someone{fields: with("Time Zone", "america/new_york")}, "America/New_York", pace.ByField},
		"an old name":                          {someone{fields: with("TimeZone", "US/Eastern")}, "US/Eastern", pace.ByField},
		"HubSpot's own spelling":               {someone{fields: with("hs_timezone", "europe_slash_amsterdam")}, "Europe/Amsterdam", pace.ByField},
		"a Windows name":                       {someone{fields: with("Zeitzone", "W. Europe Standard Time")}, "Europe/Berlin", pace.ByField},
		"Windows' India":                       {someone{fields: with("Time Zone", "India Standard Time")}, "Asia/Kolkata", pace.ByField},
		"an offset falls through":              {someone{fields: with("timezone", "UTC+2", "Country", "BE")}, "Europe/Brussels", pace.ByCountry},
		"so does an abbreviation":              {someone{fields: with("timezone", "EST", "Country", "US", "State", "CA")}, "America/Los_Angeles", pace.ByPlace},
		"and an offset of IANA's":              {someone{fields: with("timezone", "Etc/GMT+5"), email: "a@b.fr"}, "Europe/Paris", pace.ByDomain},
		"the field before all":                 {someone{with("timezone", "Asia/Tokyo", "country", "Belgium"), "+32475000001", "a@b.be"}, "Asia/Tokyo", pace.ByField},
		"the contact's own before a company's": {someone{fields: with("Company Time Zone", "Asia/Tokyo", "Time Zone", "Europe/Paris")}, "Europe/Paris", pace.ByField},
		"a country's code":                     {someone{fields: with("Country", "be")}, "Europe/Brussels", pace.ByCountry},
		"a code of three letters":              {someone{fields: with("Country code", "NLD")}, "Europe/Amsterdam", pace.ByCountry},
		"an English name":                      {someone{fields: with("Country/Region", "The Netherlands")}, "Europe/Amsterdam", pace.ByCountry},
		"a German name":                        {someone{fields: with("Land", "Österreich")}, "Europe/Vienna", pace.ByCountry},
		"a French name without its accents":    {someone{fields: with("Pays", "ROYAUME-UNI")}, "Europe/London", pace.ByCountry},
		"a Dutch name":                         {someone{fields: with("land", "Zwitserland")}, "Europe/Zurich", pace.ByCountry},
		"a Polish name":                        {someone{fields: with("Kraj", "Włochy")}, "Europe/Rome", pace.ByCountry},
		"its own name":                         {someone{fields: with("Country", "日本")}, "Asia/Tokyo", pace.ByCountry},
		"UK is no code but what is written":    {someone{fields: with("Mailing Country", "UK")}, "Europe/London", pace.ByCountry},
		"Germany, Büsingen and all":            {someone{fields: with("Country", "Germany")}, "Europe/Berlin", pace.ByCountry},
		"Argentina has twelve, of one clock":   {someone{fields: with("Country", "Argentina")}, "America/Argentina/Buenos_Aires", pace.ByCountry},
		"Portugal without its islands":         {someone{fields: with("Country", "Portugal")}, "Europe/Lisbon", pace.ByCountry},
		"the Azores":                           {someone{fields: with("Country", "Portugal", "City", "Ponta Delgada")}, "Atlantic/Azores", pace.ByPlace},
		"the Canaries":                         {someone{fields: with("País", "España", "Provincia", "Las Palmas")}, "Atlantic/Canary", pace.ByPlace},
		"Mexico alone says nothing":            {someone{fields: with("Country", "Mexico")}, "", pace.ByCampaign},
		"the United States alone say nothing":  {someone{fields: with("Country", "United States")}, "", pace.ByCampaign},
		"a state":                              {someone{fields: with("Country", "USA", "State/Region", "Illinois")}, "America/Chicago", pace.ByPlace},
		"a state as ISO 3166-2 has it":         {someone{fields: with("Country", "US", "State", "US-CA")}, "America/Los_Angeles", pace.ByPlace},
		"a city of another clock":              {someone{fields: with("Country", "U.S.A.", "State", "TX", "City", "El Paso")}, "America/Denver", pace.ByPlace},
		"any other city of that state":         {someone{fields: with("Country", "US", "State", "Texas", "City", "Waco")}, "America/Chicago", pace.ByPlace},
		"a state that is split":                {someone{fields: with("Country", "US", "State", "Tennessee")}, "", pace.ByCampaign},
		"and its city":                         {someone{fields: with("Country", "US", "State", "Tennessee", "City", "Knoxville")}, "America/New_York", pace.ByPlace},
		"a city alone":                         {someone{fields: with("Address 1 - Country", "US", "Address 1 - City", "San Francisco")}, "America/Los_Angeles", pace.ByPlace},
		"Ontario, the province":                {someone{fields: with("Country", "Canada", "Province", "Ontario")}, "America/Toronto", pace.ByPlace},
		"Ontario, the city":                    {someone{fields: with("Country", "US", "State", "OR", "City", "Ontario")}, "America/Boise", pace.ByPlace},
		"Queensland":                           {someone{fields: with("Country", "Australia", "State", "QLD")}, "Australia/Brisbane", pace.ByPlace},
		"Amazonas":                             {someone{fields: with("País", "Brasil", "Estado", "Amazonas")}, "America/Manaus", pace.ByPlace},
		"Ciudad Juárez is not Chihuahua":       {someone{fields: with("Country", "Mexico", "State", "Chihuahua", "City", "Ciudad Juarez")}, "America/Ciudad_Juarez", pace.ByPlace},
		"Novosibirsk":                          {someone{fields: with("Country", "Russian Federation", "City", "Новосибирск")}, "Asia/Novosibirsk", pace.ByPlace},
		"Bali":                                 {someone{fields: with("Country", "Indonesia", "State", "Bali")}, "Asia/Makassar", pace.ByPlace},
		"a Belgian number":                     {someone{phone: "+32475123456"}, "Europe/Brussels", pace.ByPhone},
		"a number of New York":                 {someone{phone: "+12125550123"}, "America/New_York", pace.ByPhone},
		"a number of Manaus":                   {someone{phone: "+559233334444"}, "America/Manaus", pace.ByPhone},
		"a free number is answered anywhere":   {someone{phone: "+18005550123"}, "", pace.ByCampaign},
		"a British mobile, islands and all":    {someone{phone: "+447400123456"}, "Europe/London", pace.ByPhone},
		"Estonia is not Bucharest":             {someone{phone: "+37253123456"}, "Europe/Tallinn", pace.ByPhone},
		"Kazakhstan has one clock":             {someone{phone: "+77012345678"}, "Asia/Almaty", pace.ByPhone},
		"Portugal has two":                     {someone{phone: "+351912345678"}, "", pace.ByCampaign},
		"a number without its country":         {someone{phone: "(415) 555-0123"}, "", pace.ByCampaign},
		"and with the country beside it":       {someone{fields: with("Country", "USA"), phone: "(415) 555-0123"}, "America/Los_Angeles", pace.ByPhone},
		"the number before the country":        {someone{fields: with("Country", "Belgium"), phone: "+14155550123"}, "America/Los_Angeles", pace.ByPhone},
		"a number that no country has":         {someone{fields: with("Country", "Belgium"), phone: "+999123"}, "Europe/Brussels", pace.ByCountry},
		"a mail domain":                        {someone{email: "ada@northwind.co.uk"}, "Europe/London", pace.ByDomain},
		"a mail domain of many zones":          {someone{email: "ada@northwind.com.au"}, "", pace.ByCampaign},
		"an ending that is sold to all":        {someone{email: "ada@startup.io"}, "", pace.ByCampaign},
		"nothing at all":                       {someone{}, "", pace.ByCampaign},
		"no country that we know":              {someone{fields: with("Country", "Ruritania"), email: "a@b.cz"}, "Europe/Prague", pace.ByDomain},
		"the company's, when the own is none":  {someone{fields: with("Country", "n/a", "Company Country", "France")}, "Europe/Paris", pace.ByCountry},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, pace.Recipient{Zone: c.zone, By: c.by}, pace.RecipientOf(c.who.fields, c.who.phone, c.who.email, november))
		})
	}
}

// What agrees in November may not in March, when clocks are changed on different days.
func TestCandidatesOfTwoClocksAWeekLaterSayNothing(t *testing.T) {
	t.Parallel()
	morocco := someone{phone: "+212612345678"} // Casablanca and El Aaiún: always one clock
	spring := time.Date(2027, 3, 25, 10, 0, 0, 0, time.UTC)
	require.Equal(t, pace.ByPhone, pace.RecipientOf(nil, morocco.phone, "", spring).By)
	greenland := with("Country", "GL", "City", "Nuuk")
	require.Equal(t, "America/Nuuk", pace.RecipientOf(greenland, "", "", spring).Zone)
}

func TestRecipientAsJSONAndInWords(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(pace.RecipientOf(with("Country", "Belgium"), "", "", november))
	require.NoError(t, err)
	require.JSONEq(t, `{"zone":"Europe/Brussels","by":"country"}`, string(data))
	data, err = json.Marshal(pace.RecipientOf(nil, "", "", november))
	require.NoError(t, err)
	require.JSONEq(t, `{"by":"campaign"}`, string(data))
	require.Equal(t, "by phone number", pace.ByPhone.String())
}

func FuzzRecipientOf(f *testing.F) {
	f.Add("Time Zone", "Europe/Brussels", "Country", "US-", "+32 475 12 34 56", "a@b.be")
	f.Add("State", "..", "Land", "Österreich", "tel:", "@.")
	f.Add("\xff", "\x00", "City", "ı̇ŁØ", "00", ".uk")
	f.Fuzz(func(t *testing.T, key1, value1, key2, value2, phone, email string) {
		got := pace.RecipientOf(map[string]string{key1: value1, key2: value2}, phone, email, november)
		if got.Zone == "" {
			require.Equal(t, pace.ByCampaign, got.By)
			return
		}
		require.NotEqual(t, pace.ByCampaign, got.By)
		_, err := pace.Zone(got.Zone)
		require.NoError(t, err)
		require.Equal(t, got, pace.RecipientOf(map[string]string{key1: value1, key2: value2}, phone, email, november))
	})
}

func BenchmarkRecipientOf(b *testing.B) {
	fields := with("Lifecycle Stage", "lead", "Contact owner", "Maya Claes", "Notes", "very interested", "Job Title", "Head of Growth",
		"State/Region", "Tennessee", "City", "Nowhere", "Country/Region", "United States", "Créé le", "2026-10-01", "Industry", "SaaS")
	for name, phone := range map[string]string{"fields": "", "phone": "+12125550123"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				pace.RecipientOf(fields, phone, "ada@northwind.example.de", november)
			}
		})
	}
}
