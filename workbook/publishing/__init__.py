"""Giving the workbook away: as a page, as a PDF, as a copy without what is nobody's business."""
