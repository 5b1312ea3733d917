"""ImageNet from disk to uint8 batches: `examples` are opened, `batches` made of them.

`image_folder` and `record_shards` are the two layouts of a data set, `preparing` makes the second
of the first, and `verifying` checks what it made. The extra `imagenet` installs what they need.
"""
