/* test_decay.c: decay against values worked out with whole numbers of any size, and the tables' checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../consumer/engine/decay.h"
#include "../../consumer/engine/decay_table.h"

static void decay_is_exact(void **state) {
  (void)state;
  const struct {
    int64_t value, minutes, half_life_min, left;
  } rows[] = {
      {INT64_C(1000000000), 0, 20160, INT64_C(1000000000)},
      {INT64_C(1000000000), 20160, 20160, INT64_C(500000000)},
      {INT64_C(-1000000000), 1, 20160, INT64_C(-999965618)},
      {INT64_C(1000000000000000000), 5000000, 5256000, INT64_C(517168475011366527)},
      {INT64_C(1), 1, 1, INT64_C(0)},
      {INT64_C(1000000000000000000), 62, 1, INT64_C(0)},
      {INT64_C(1000000000000000000), 63, 1, INT64_C(0)},
      {INT64_C(-3), 1, 2, INT64_C(-2)},
      {INT64_C(12345), 77, 0, INT64_C(12345)},
      {INT64_C(-89599007139427017), 682554, 405056, INT64_C(-27863900507206275)},
      {INT64_C(893729575939813171), 561913, 789621, INT64_C(545740340599885886)},
      {INT64_C(343817662724950520), 60816, 4256680, INT64_C(340429597006165843)},
      {INT64_C(-913540885775223348), 90122, 3637684, INT64_C(-897987115059397955)},
      {INT64_C(-838924357938359141), 252353, 760956, INT64_C(-666643040484250397)},
      {INT64_C(-21125394087448882), 61981, 4743370, INT64_C(-20934919702179283)},
      {INT64_C(454124362283495513), 657911, 4890533, INT64_C(413692835104231234)},
      {INT64_C(-857355825562710615), 605136, 4911878, INT64_C(-787181102055938750)},
      {INT64_C(-885654830571791852), 231821, 390764, INT64_C(-587054272065984180)},
      {INT64_C(979493499325749054), 139643, 2429419, INT64_C(941235620541258345)},
      {INT64_C(-667370431985438142), 566950, 988113, INT64_C(-448378580324715101)},
      {INT64_C(-288689336713255336), 587472, 1516043, INT64_C(-220688935360547633)},
      {INT64_C(341078670757977058), 598951, 1575977, INT64_C(262088480064521656)},
      {INT64_C(-775340386679688701), 574351, 526713, INT64_C(-364112904869984809)},
      {INT64_C(-862569058513030973), 649078, 1727707, INT64_C(-664814764004351228)},
      {INT64_C(568895523217540388), 557549, 3586905, INT64_C(510787631956091249)},
      {INT64_C(-275625943688251624), 488218, 4912049, INT64_C(-257276514470837627)},
      {INT64_C(44972032483567495), 379146, 2514628, INT64_C(40509264995858519)},
      {INT64_C(831714372110049911), 188499, 2047630, INT64_C(780301137676391588)},
      {INT64_C(324530896114840383), 314834, 4405668, INT64_C(308847511433888487)},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_int_equal(decay_apply(decay_of(rows[i].minutes, rows[i].half_life_min), rows[i].value), rows[i].left);
}

static void the_tables_are_as_made(void **state) {
  (void)state;
  uint64_t sum = 0;
  for (int t = 0; t < 4; t++)
    for (int j = 0; j < 256; j++) sum = sum * UINT64_C(1099511628211) + decay_table[t][j];
  assert_true(sum == UINT64_C(8446473961646610063));
}

/* A score that is touched every minute fades at the right rate: 100 points, half-life a week, after a week 50. */
static void minute_by_minute(void **state) {
  (void)state;
  int64_t value = INT64_C(100000000000);
  for (int i = 0; i < 10080; i++) value = decay_apply(decay_of(1, 10080), value);
  assert_in_range(value, INT64_C(49999980000), INT64_C(50000000000));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decay_is_exact),
      cmocka_unit_test(the_tables_are_as_made),
      cmocka_unit_test(minute_by_minute),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
