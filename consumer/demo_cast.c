/* demo_cast.c: what happens to whom by the sample definition. A story's remark tells what it is there to show. */
#include "demo_cast.h"

#define ANA "u-1001"
#define BEN "u-1002"
#define CHIARA "u-1003"
#define DMITRI "u-1004"
#define ELLA "u-1005"
#define FARID "u-1006"
#define GRACE "u-1007"
#define ISLA "u-1008"
#define JONAS "u-1009"
#define AKIKO "u-1010"
#define ZOE "u-1011"

#define PAGE "Page Viewed"
#define EVERYTHING "name email phone title company region source"

const struct demo_person demo_people[] = {
    {ANA, "Ana Lima", "ana@lime-software.example", "+351 555 0101", "Head of Operations", "Lime Software", "software",
     240, "emea", "webinar"},
    {BEN, "Ben Okafor", "b.okafor@harbour-retail.example", "+44 555 0102", "Director of IT", "Harbour Retail", "retail",
     620, "emea", "search"},
    {CHIARA, "Chiara Rossi", "chiara.rossi@nordlys-pay.example", "+39 555 0103", "Chief Financial Officer",
     "Nordlys Pay", "fintech", 90, "emea", "referral"},
    {DMITRI, "Dmitri Volkov", "dv@baltic-freight.example", "+371 555 0104", "Operations Manager", "Baltic Freight",
     "logistics", 1400, "emea", "trial"},
    {ELLA, "Ella Brandt", "ella.brandt@mail.example", "+49 555 0105", "Owner", "Brandt Studio", "design", 1, "emea",
     "search"},
    {FARID, "Farid Haddad", "farid@cedar-stack.example", "+1 555 0106", "VP Finance", "Cedar Stack", "software", 85,
     "americas", "ad"},
    {GRACE, "Grace Kim", "grace.kim@pinegrove.example", "+1 555 0107", "VP Engineering", "Pinegrove Data", "software",
     2300, "americas", "trial"},
    {ISLA, "Isla Novak", "isla.novak@rivalry.example", "+420 555 0108", "Product Manager", "Rivalry Systems",
     "software", 400, "emea", "search"},
    {JONAS, "Jonas Weber", "jonas.weber@stahlwerk-nord.example", "+49 555 0109", "Production Planner", "Stahlwerk Nord",
     "manufacturing", 350, "emea", "fair"},
    {AKIKO, "佐藤 明子", "a.sato@kaze-stores.example", "+81 555 0110", "Head of Buying", "Kaze Stores", "retail", 54,
     "apac", "search"},
    {ZOE, "Zoë Lindström", "zoe@fjord-cargo.example", "+46 555 0111", "Head of Logistics", "Fjord Cargo", "logistics",
     210, "emea", "webinar"},
};

const struct demo_line demo_lines[] = {
    /* Ana takes every rung: a webinar, a call in which need and timescale become known, an answer in time, a deal. */
    {ANA, "Mon 02 08:51", PAGE, "path=/blog/month-end-in-a-day"},
    {ANA, "Mon 02 08:55", PAGE, "path=/product/planning"},
    {ANA, "Mon 02 09:02", "identify", "name email source"},
    {ANA, "Mon 02 09:04", "Webinar Registered", "title=Month end in a day"},
    {ANA, "Mon 02 15:20", "identify", "title company region"},
    {ANA, "Tue 03 15:00", "Webinar Attended", "title=Month end in a day; minutes=52"},
    {ANA, "Tue 03 15:58", "Content Downloaded", "title=Planning in twelve steps"},
    {ANA, "Wed 04 09:31", "Email Clicked", "campaign=Thank you for coming"},
    {ANA, "Wed 04 09:33", PAGE, "path=/pricing"},
    {ANA, "Wed 04 09:35", PAGE, "path=/product/integrations"},
    {ANA, "Wed 04 09:41", "Content Downloaded", "title=What it costs, and what it saves"},
    {ANA, "Wed 04 11:15", "Email Sent", "by=marketing; subject=Shall we talk?"},
    {ANA, "Thu 05 10:02", "Call Made", "by=marketing; problem=Month end takes nine days; timeframe=this quarter"},
    {ANA, "Thu 05 11:40", "Lead Accepted", "by=sales"},
    {ANA, "Fri 06 14:10", "Survey Answered", "budget=50000; decides=true"},
    {ANA, "Tue 10 11:05", "Meeting Booked", "by=sales"},
    {ANA, "Tue 10 15:30", "Opportunity Created", "value=48000"},
    {ANA, "Fri 13 15:10", "Opportunity Won", "value=46500"},

    /* Ben asks for a quote on a Friday afternoon, and nobody answers: four working hours are over on Monday morning. */
    {BEN, "Tue 03 11:20", PAGE, "path=/customers/retail"},
    {BEN, "Tue 03 11:26", "identify", EVERYTHING},
    {BEN, "Thu 05 16:20", PAGE, "path=/pricing"},
    {BEN, "Fri 06 11:15", "Calculator Used", "saving=31000"},
    {BEN, "Fri 06 11:25", PAGE, "path=/pricing"},
    {BEN, "Fri 06 11:50", "Email Sent", "by=marketing; subject=Your calculation"},
    {BEN, "Fri 06 13:45", "Form Submitted",
     "form=Quote; problem=Stock counts are never right; budget=30000; timeframe=this month"},
    {BEN, "Mon 09 11:52", "Lead Accepted", "by=sales"},
    {BEN, "Thu 12 10:30", "Opportunity Created", "value=30000"},

    /* Chiara raises her hand: no rung in between. The deal is lost all the same. */
    {CHIARA, "Mon 02 13:05", PAGE, "path=/product/payments"},
    {CHIARA, "Mon 02 13:12", "identify", EVERYTHING},
    {CHIARA, "Mon 02 13:14", "Demo Requested", "problem=Refunds are booked by hand; decides=true"},
    {CHIARA, "Mon 02 13:49", "Lead Accepted", "by=sales"},
    {CHIARA, "Wed 04 10:00", "Demo Given", "by=sales"},
    {CHIARA, "Fri 06 10:20", "Opportunity Created", "value=22000"},
    {CHIARA, "Thu 12 16:35", "Opportunity Lost", "reason=chose a rival"},

    /* Dmitri tries it out, is handed over, has no budget yet, and comes back on his own. */
    {DMITRI, "Mon 02 10:40", "identify", EVERYTHING},
    {DMITRI, "Tue 03 08:15", "Trial Started", "plan=team"},
    {DMITRI, "Tue 03 08:40", "Feature Used", "feature=import; minutes=14"},
    {DMITRI, "Tue 03 16:05", "Content Downloaded", "title=Freight without spreadsheets"},
    {DMITRI, "Wed 04 08:50", "Feature Used", "feature=schedule; minutes=31"},
    {DMITRI, "Wed 04 10:30", "Call Made", "by=marketing; budget=6000; timeframe=this quarter"},
    {DMITRI, "Thu 05 09:40", "Survey Answered", "decides=true"},
    {DMITRI, "Thu 05 12:05", "Lead Rejected", "by=sales; reason=no budget yet"},
    {DMITRI, "Tue 10 08:35", "Feature Used", "feature=schedule; minutes=44"},
    {DMITRI, "Tue 10 09:20", "Calculator Used", "saving=88000"},
    {DMITRI, "Wed 11 09:10", PAGE, "path=/pricing"},
    {DMITRI, "Wed 11 09:45", PAGE, "path=/pricing/enterprise"},
    {DMITRI, "Wed 11 11:30", "Lead Accepted", "by=sales"},

    /* Ella raises her hand on a Friday night; sales answers on Monday and says no. */
    {ELLA, "Fri 06 19:28", PAGE, "path=/product"},
    {ELLA, "Fri 06 19:30", "identify", EVERYTHING},
    {ELLA, "Fri 06 19:33", "Demo Requested", "problem=I lose track of invoices"},
    {ELLA, "Mon 09 10:05", "Lead Rejected", "by=sales; reason=too small for us"},

    /* Farid looks at prices three times, nobody follows up, and he is gone. */
    {FARID, "Mon 02 14:00", "identify", EVERYTHING},
    {FARID, "Mon 02 14:02", PAGE, "path=/pricing"},
    {FARID, "Mon 02 14:40", PAGE, "path=/pricing"},
    {FARID, "Mon 02 15:15", PAGE, "path=/pricing"},

    /* Grace's trial says it: in use, a problem, a decision maker; the rest she tells in a survey just before closing time. */
    {GRACE, "Tue 03 18:10", "identify", EVERYTHING},
    {GRACE, "Tue 03 18:20", "Trial Started", "plan=enterprise"},
    {GRACE, "Wed 04 17:30", "Feature Used", "feature=import; minutes=22"},
    {GRACE, "Wed 04 19:05", "Feature Used", "feature=forecast; minutes=48"},
    {GRACE, "Wed 04 20:05", "Calculator Used", "saving=240000"},
    {GRACE, "Wed 04 20:15", "Feature Used", "feature=forecast; minutes=9"},
    {GRACE, "Thu 05 09:15", "Email Sent", "by=marketing; subject=How is it going?"},
    {GRACE, "Thu 05 17:10", "Survey Answered", "timeframe=this quarter; budget=120000"},
    {GRACE, "Fri 06 09:20", "Lead Accepted", "by=sales"},
    {GRACE, "Wed 11 16:45", "Opportunity Created", "value=115000"},

    /* Isla has read a lot before she says who she is: two rungs at once. Sales sees whom she works for. */
    {ISLA, "Thu 05 10:10", PAGE, "path=/product/planning"},
    {ISLA, "Thu 05 10:20", "Content Downloaded", "title=Planning in twelve steps"},
    {ISLA, "Thu 05 10:24", "Content Downloaded", "title=What it costs, and what it saves"},
    {ISLA, "Mon 09 09:40", PAGE, "path=/pricing"},
    {ISLA, "Mon 09 10:15", "Calculator Used", "saving=999999"},
    {ISLA, "Mon 09 10:50", PAGE, "path=/pricing"},
    {ISLA, "Mon 09 10:58", "identify", EVERYTHING},
    {ISLA, "Mon 09 11:30", "Email Sent", "by=marketing; subject=Any questions?"},
    {ISLA, "Tue 10 09:05", "Contact Requested", "problem=I would like to see everything"},
    {ISLA, "Tue 10 09:50", "Lead Rejected", "by=sales; reason=a competitor"},

    /* Jonas reads everything there is, but is not who buys: he stays a suspect. */
    {JONAS, "Wed 04 07:45", "identify", EVERYTHING},
    {JONAS, "Wed 04 07:50", "Content Downloaded", "title=Freight without spreadsheets"},
    {JONAS, "Thu 05 15:00", "Webinar Attended", "title=The shop floor, live; minutes=60"},
    {JONAS, "Mon 09 12:15", "Email Clicked", "campaign=Thank you for coming"},
    {JONAS, "Mon 09 12:20", "Content Downloaded", "title=Planning in twelve steps"},

    /* Akiko raises her hand on a Saturday night. Time runs from Monday's opening, and it runs out. */
    {AKIKO, "Sat 07 20:02", PAGE, "path=/customers/retail"},
    {AKIKO, "Sat 07 20:08", "identify", EVERYTHING},
    {AKIKO, "Sat 07 20:10", "Demo Requested", "problem=Forty shops, one buyer"},
    {AKIKO, "Mon 09 15:12", "Lead Accepted", "by=sales"},

    /* Zoë is sent back with a reason, rests, and asks for a call a week later. The last answer is in time, but arrives late. */
    {ZOE, "Mon 02 09:50", "identify", EVERYTHING},
    {ZOE, "Tue 03 15:00", "Webinar Attended", "title=Month end in a day; minutes=47"},
    {ZOE, "Tue 03 16:10", "Content Downloaded", "title=Planning in twelve steps"},
    {ZOE, "Tue 03 16:14", "Content Downloaded", "title=Freight without spreadsheets"},
    {ZOE, "Wed 04 09:25", "Call Made", "by=marketing; problem=Two systems, two truths; timeframe=this quarter"},
    {ZOE, "Wed 04 12:20", "Lead Rejected", "by=sales; reason=wrong person"},
    {ZOE, "Wed 11 09:05", "Contact Requested", "problem=The board wants one system; decides=true"},
    {ZOE, "Wed 11 14:02 +6", "Lead Accepted", "by=sales"},
};

const struct demo_broken demo_broken_records[] = {
    {"Tue 03 11:02", "u-2017",
     "{\"messageId\":\"m-6c1f02a4b7d9\",\"type\":\"track\",\"event\":\"Page Viewed\",\"userId\":\"u-2017\",\"timesta"},
    {"Wed 04 16:20", "u-2040",
     "{\"messageId\":\"m-19b0c7e3f5a2\",\"type\":\"track\",\"event\":\"Form "
     "Submitted\",\"userId\":\"u-2040\",\"timestamp\":\"04/11/2026 16:20\"}"},
    {"Thu 05 03:00", "u-2096", "<html><head><title>502 Bad Gateway</title></head></html>"},
    {"Fri 06 10:31", "",
     "{\"messageId\":\"m-e81d5b6f9c03\",\"type\":\"track\",\"event\":\"Page "
     "Viewed\",\"timestamp\":\"2026-11-06T10:31:02Z\"}"},
    {"Mon 09 08:14", "u-2063", "[{\"type\":\"track\",\"event\":\"Email Clicked\",\"userId\":\"u-2063\"}]"},
    {"Tue 10 13:37", "u-2009",
     "{\"messageId\":\"m-40a9d2c85e7b\",\"userId\":\"u-2009\",\"timestamp\":\"2026-11-10T13:37:11Z\"}"},
    {"Thu 12 17:05", "u-2088",
     "{\"messageId\":\"m-b35f7719e60c\",\"type\":\"track\",\"event\":\"Page "
     "Viewed\",\"userId\":\"u-2088\",\"timestamp\":\"yesterday\"}"},
};

#define COUNT(table) ((int32_t)(sizeof(table) / sizeof *(table)))

const int32_t demo_people_count = COUNT(demo_people);
const int32_t demo_line_count = COUNT(demo_lines);
const int32_t demo_broken_count = COUNT(demo_broken_records);
