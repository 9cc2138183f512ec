from overview.selectors.project.page import ProjectPage, page_of

__all__ = ["ProjectPage", "page_of"]
