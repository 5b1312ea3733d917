"""The parameter shapes of the networks that optimizers are timed on."""

Shapes = dict[str, tuple[int, ...]]


def resnet50() -> Shapes:
    """ResNet-50 v1.5 for ImageNet: 161 tensors, 25.56 million parameters."""
    shapes = _convolution("stem", 7, 3, 64)
    inputs = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 * 2**stage
        for block in range(blocks):
            name = f"stage{stage}.block{block}"
            if block == 0:
                shapes |= _convolution(f"{name}.projection", 1, inputs, 4 * width)
            shapes |= _convolution(f"{name}.conv0", 1, inputs, width)
            shapes |= _convolution(f"{name}.conv1", 3, width, width)
            shapes |= _convolution(f"{name}.conv2", 1, width, 4 * width)
            inputs = 4 * width
    return shapes | {"dense.kernel": (inputs, 1000), "dense.bias": (1000,)}


def resnet20() -> Shapes:
    """ResNet-20 for CIFAR, width 16, projection shortcuts: 65 tensors, 272 thousand parameters."""
    shapes = _convolution("stem", 3, 3, 16)
    inputs = 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            name = f"stage{stage}.block{block}"
            if inputs != width:
                shapes |= _convolution(f"{name}.projection", 1, inputs, width)
            shapes |= _convolution(f"{name}.conv0", 3, inputs, width)
            shapes |= _convolution(f"{name}.conv1", 3, width, width)
            inputs = width
    return shapes | {"dense.kernel": (inputs, 10), "dense.bias": (10,)}


def _convolution(name: str, window: int, inputs: int, outputs: int) -> Shapes:
    return {
        f"{name}.kernel": (window, window, inputs, outputs),
        f"{name}.norm.scale": (outputs,),
        f"{name}.norm.bias": (outputs,),
    }
