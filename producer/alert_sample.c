/* alert_sample.c: a lead that is handed over, and one that sales have not answered; in the form of docs/engine.md, What is published. */
#include "alert_sample.h"

#define HEAD(type, n)                                                                                \
  "{\"specversion\":\"1.0\",\"id\":\"test/0/0/" n "\",\"source\":\"handover/test\",\"type\":\"" type \
  "\",\"dataschema\":\"urn:handover:" type                                                           \
  ":1\",\"subject\":\"test-lead\",\"time\":\"2026-03-01T09:30:00.000Z\","                            \
  "\"datacontenttype\":\"application/json\","

#define TAIL                                                                                                           \
  "\"route\":{\"queue\":\"everyone\",\"assignee\":\"ana\"},\"attributes\":{\"email\":\"ada@example.com\","             \
  "\"company\":\"Example & Sons\",\"employees\":250},\"definition\":{\"name\":\"test\",\"version\":1,\"digest\":\"\"," \
  "\"agreed\":false}}}"

const char alert_sample_change[] = HEAD("lead.stage.changed", "0")
    "\"data\":{\"lead\":\"test-lead\",\"from\":\"mql\",\"to\":\"sql\",\"entry\":1,\"skipped\":[],\"owner\":\"sales\","
    "\"since\":\"2026-02-27T14:00:00.000Z\",\"cause\":{\"kind\":\"event\",\"move\":\"hand raised\",\"name\":\"Demo "
    "Requested\",\"id\":\"test\",\"time\":\"2026-03-01T09:30:00.000Z\",\"topic\":\"engagement\",\"partition\":0,"
    "\"offset\":0},\"reason\":null,\"scores\":{\"fit\":30,\"engagement\":23.925},\"contributions\":[{\"score\":\"fit\","
    "\"rule\":\"industry we serve\",\"points\":30},{\"score\":\"engagement\",\"rule\":\"pricing page\",\"points\":23.925}]"
    ",\"criteria\":{\"met\":[\"need\",\"contact\",\"budget\"],\"missing\":[\"timescale\",\"authority\"]},\"next\":{"
    "\"stage\":\"opportunity\",\"missing\":[]},\"due\":[{\"sla\":\"sales answers\",\"by\":\"2026-03-02T14:00:00.000Z\"}],"
    TAIL;

const char alert_sample_breach[] = HEAD("lead.sla.breached", "1")
    "\"data\":{\"lead\":\"test-lead\",\"stage\":\"sql\",\"owner\":\"sales\",\"sla\":\"sales answers\",\"since\":"
    "\"2026-03-01T09:30:00.000Z\",\"deadline\":\"2026-03-02T14:00:00.000Z\",\"cause\":{\"kind\":\"timer\",\"topic\":"
    "\"clock\",\"partition\":0},\"scores\":{\"fit\":30},"
    TAIL;
