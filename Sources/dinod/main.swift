print("dinod")
