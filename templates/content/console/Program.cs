// Labels the texts that are given as arguments, or three examples, as negative, neutral or positive.
using SqueezeBert;
using SqueezeBert.Models;

// Load takes the folder of any classifier in the layout of transformers as well, or a model.onnx.
using var classifier = TextClassifier.Load(PretrainedModels.Sentiment);

string[] texts = args.Length > 0 ? args : ["Loved it.", "It stopped working after a week.", "When will it be delivered?"];
foreach (var (text, answer) in texts.Zip(classifier.Classify(texts)))
    Console.WriteLine($"{answer.Label} {answer.Score:0.00}  {text}");
