"""SkipResNet and DenseResNet: gated skip connections, explained in notebooks and ready to train.

    from skipresnet.models import *          create_model('Skip-ResNet-50', num_classes=10), list_models('Skip-*'), ...
    from skipresnet.pretrained import *      weights in and out: load_model, save_model, load_reference
    from skipresnet.predict import predict   names and probabilities for images
    from skipresnet.train import train       a configuration in, a complete run folder out
    from skipresnet.vision import *          the models in fastai's vision_learner

`python -m skipresnet` lists the commands. Nothing is imported before it is asked for: the models need torch and torchvision only.
"""

__version__ = "0.1.0"
