"""Pages on which signatures are marked -> the network that finds them, `pipeline/models/signature_net.onnx`.

The network is trained with PyTorch, which the project needs for nothing else: `pip install torch`. Then

    python -m benchmarks.signature_net.train PAGES... --unsigned PAGES... --pens DIR --fonts DIR
        --steps 2600 --out net.pt

trains it in up to three parts and writes net.pt and net.onnx:

1. 2600 steps on windows of the pages with pens, seals and small marks pasted on, and worn.
2. 1500 steps more (`--tuning-steps`) at half the learning rate, with handwriting in fonts and pictures among the
   windows: neither is a signature. `--steps 0 --start net.pt` does this part alone.

3. Some hundred steps more (`--last-steps`, none unless asked for), with the signed pages painted over among the
   unsigned ones. The network of the project was trained without them: with 600 it saw fewer signatures in smears of
   paint, and found fewer of those on letters.

`PAGES`
    Folders of pages, with a JSON file for each page: `{"image": "a.jpg", "signatures": [{"box": [left, top, right,
    bottom], "kind": "signature"}]}`, in pixels of the image. Pages without a signature may be among them.
`--unsigned`
    Folders of pages that nobody signed, with such files or without any. Pictures are cut from the first of them.
`--pens`
    Names in pen as PNG, with an alpha channel or dark on light.
`--fonts`
    Script fonts: TTF, OTF or WOFF2. What is written in them signs nothing.
`--held-out`
    Folders by which the network is judged: pages that look like one of theirs are not trained on.

A folder may be written `SHARE=PAGES`, such as `62=letters 10=forms`: how often its pages are drawn, 1 if left out. The
network of the project was trained on signed letters (62) and signed forms (10), and as unsigned pages on print of all
kinds (15) and ruled forms (13). Each window is drawn from `--seed`, so that the same call sees the same windows.

    python -m benchmarks.signature_net.score net.onnx PAGES...

says how many signatures of each folder a network finds, and how many of its regions are none.
"""
