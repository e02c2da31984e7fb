#!/usr/bin/env Rscript
# Plot CPU over releases, in R
#
#     Rscript cpu-over-releases.R OUT.pdf [PROJECT [METRIC]]      Rscript cpu-over-releases.R cpu.pdf published machperf/CentiCpu
#
# The same points as a table: with the header "Accept: text/csv" every list and history is one. Nothing but R itself is needed.
#
# OUROSCOPE_API: the server. OUROSCOPE_TOKEN: a token with the scope "read", where reads are not open.
# Needs: R
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 1) stop("usage: cpu-over-releases.R OUT.pdf [PROJECT [METRIC]]")
out <- arguments[1]
project <- if (length(arguments) > 1) arguments[2] else "published"
metric <- if (length(arguments) > 2) arguments[3] else "machperf/CentiCpu"

headers <- c(Accept = "text/csv")
token <- Sys.getenv("OUROSCOPE_TOKEN")
if (nzchar(token)) headers <- c(headers, Authorization = paste("Bearer", token))
address <- paste0(Sys.getenv("OUROSCOPE_API", "http://127.0.0.1:8380"), "/api/v1/history?order=version&by=workload&project=",
                  URLencode(project, reserved = TRUE), "&metric=", URLencode(metric, reserved = TRUE))
points <- read.csv(url(address, headers = headers), stringsAsFactors = FALSE)
if (nrow(points) == 0) stop("no run of the project ", project, " has the metric ", metric)

panels <- split(points, points$workload)
pdf(out, width = 10, height = 4 * length(panels))
par(mfrow = c(length(panels), 1), mar = c(7, 4, 2, 1))
for (panel in panels) {
  plot(panel$value, ylim = c(0, max(panel$value) * 1.1), pch = 19, xaxt = "n", xlab = "",
       ylab = paste0(metric, " (", panel$unit[1], ")"), main = panel$workload[1])
  axis(1, at = seq_len(nrow(panel)), labels = panel$version, las = 2, cex.axis = 0.6)
  lines(panel$levelMean, type = "s")
  changes <- which(!is.na(panel$changePercent))
  abline(v = changes - 0.5, lty = 3, col = "red")
  for (i in changes) text(i, panel$levelMean[i], sprintf("%+.0f %%", panel$changePercent[i]), pos = 3)
}
invisible(dev.off())
cat(sprintf("%s: %d points in %d panels\n", out, nrow(points), length(panels)))
