"""Tag texts with themes, with thresholds and figures that hold on new text."""
