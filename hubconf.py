"For `torch.hub.load(..., 'skip_resnet50', num_classes=10)`: every published model, by its name in snake case."

dependencies = ['torch', 'torchvision', 'safetensors']

from skipresnet.models import *  # noqa: E402, F403
