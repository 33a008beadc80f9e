"""timm's encoders: the real file, options of a name, the vectors."""

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from data.errors import GenrescopeError
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.families.timm_encoders import parse_name
from embeddings.encoders.registry import get_encoder

# The weights come from TensorFlow, so they want its padding and its input; see the README beside them.
MOBILENET = "timm:mobilenetv2_100?pad_type=same&mean=0.5&std=0.5"


def test_mobilenet_is_timms(some_real_images: list, real_weights: Path, cosines) -> None:
    file, images = real_weights / "mobilenetv2_100-imagenet.pth", some_real_images[:8]
    encoder = get_encoder(MOBILENET, weights=file)
    vectors = encoder.encode(np.stack([encoder.prepare(image) for image in images]))
    network = timm.create_model("mobilenetv2_100", pad_type="same")
    network.load_state_dict(torch.load(file, weights_only=True))
    network.reset_classifier(0)
    inputs = np.stack([np.asarray(image.resize((224, 224), Image.Resampling.BILINEAR)) for image in images])
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(inputs / 127.5 - 1).permute(0, 3, 1, 2).float()).numpy()
    assert vectors.shape == (8, 1280)
    assert cosines(vectors, expected).min() > 0.99999


def test_mobilenet_without_options_works_too(some_real_images: list, real_weights: Path) -> None:
    encoder = get_encoder("timm:mobilenetv2_100", weights=real_weights / "mobilenetv2_100-imagenet.pth")
    assert embed_image(encoder, some_real_images[0]).shape == (1280,)
    assert encoder.params["mean"] == [0.485, 0.456, 0.406]


@pytest.mark.parametrize("name", ["test_vit", "test_convnext", "test_efficientnet", "test_byobnet", "test_mambaout"])
@pytest.mark.parametrize("preprocessing", ["whole", "encoder"])
def test_every_kind_of_network_gives_its_dimension(tmp_path: Path, name: str, preprocessing: str) -> None:
    torch.manual_seed(0)
    torch.save(timm.create_model(name).state_dict(), tmp_path / "net.pth")
    encoder = get_encoder(f"timm:{name}", weights=tmp_path / "net.pth", preprocessing=preprocessing)
    vector = embed_image(encoder, Image.new("RGB", (90, 40), "red"))
    assert vector.shape == (encoder.dimension,)
    assert encoder.params["size"] == [160, 160]


def test_options_of_a_name() -> None:
    assert parse_name("timm:mobilenetv2_100.ra_in1k") == ("mobilenetv2_100.ra_in1k", {})
    assert parse_name(MOBILENET)[1] == {"pad_type": "same", "mean": [0.5] * 3, "std": [0.5] * 3}
    assert parse_name("timm:resnet18?mean=(0.1,0.2,0.3)&img_size=64")[1] == {"mean": [0.1, 0.2, 0.3], "img_size": 64}


def test_image_size_is_an_option(tmp_path: Path) -> None:
    torch.save(timm.create_model("resnet18").state_dict(), tmp_path / "net.pth")
    encoder = get_encoder("timm:resnet18?img_size=64", weights=tmp_path / "net.pth")
    assert encoder.prepare(Image.new("RGB", (90, 40))).shape == (64, 64, 3)


def test_weights_and_options_that_do_not_fit(tmp_path: Path) -> None:
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match=r"net\.pth holds weights of another network"):
        get_encoder("timm:test_convnext", weights=tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match="does not take these options"):
        get_encoder("timm:test_vit?nonsense=1", weights=tmp_path / "net.pth")
