/* The probability laws that the methods need, most of them from GSL. Pure; any
 * thread. Levels and probabilities lie in (0,1); NaN in gives NaN out. */
#ifndef OU_STATS_LAWS_H
#define OU_STATS_LAWS_H

double normal_cdf(double z);
double normal_quantile(double p);
double student_cdf(double t, double dof); /* dof > 0, need not be whole */
double student_quantile(double p, double dof);
double student_two_sided(double t, double dof); /* P(|T| >= |t|) */
double chi_squared_tail(double x, double dof);  /* P(X > x) */
double chi_squared_quantile(double p, double dof);
double f_tail(double f, double dof1, double dof2);
double f_quantile(double p, double dof1, double dof2);
double binomial_pmf(unsigned k, double p, unsigned n);
double beta_quantile(double p, double a, double b);

/* Of GSL, as it is linked: "2.7.1". */
const char *laws_library_version(void);

#endif
