def test_try(course, grader):
    from conftest import released_notebook
    course.submit(released_notebook())
    course.autograde()
    print(course.grades())
    html = course.feedback()
    open("/tmp/fb.html","w").write(html)
    assert 0
