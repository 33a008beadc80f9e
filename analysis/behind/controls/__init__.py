"""What an embedding tells beyond a control or a confound: is it only colour, the file, the artist, the decade?"""
