"""SkipResNet and DenseResNet: gated skip connections, explained in notebooks and ready to train.

    from skipresnet.models import *          create_model('Skip-ResNet-50', num_classes=10), list_models('Skip-*'), ...
    from skipresnet.pretrained import *      weights: load_model, save_model, load_reference
    from skipresnet.predict import predict   probabilities of the classes of images
    from skipresnet.train import train       trains a configuration, and leaves a run folder
    from skipresnet.vision import *          the models in fastai's vision_learner

Networks are at the top of the package; data, training and hardware are folders. `python -m skipresnet` lists the commands.
Importing the package imports nothing else, and the models need only torch and torchvision.
"""

__version__ = "0.1.0"
