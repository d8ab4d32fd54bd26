"""Tables in, pictures and one page out; knows neither the search nor the tagger.

- The results table for people: which columns (``columns``), sentences (``summary``), Markdown and CSV (``results``),
  a picture (``plots``), all files of a run (``run_files``).
- One theme: its tables (``curve_tables``, ``study_tables``, ``theme_view``), its panels as data (``panels``,
  ``panel``), drawn as SVG for the page (``theme_charts``, ``svg``) and by matplotlib for a PNG (``theme_figure``).
- The page: ``page``, ``html_tables`` and the templates beside them.
- True shares of themes: ``prevalence_plots``. Shared: ``text`` (numbers and names), ``drawing`` (a sheet to draw on).
"""
