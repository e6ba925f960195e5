/* Runs a decoder that report/decoder.py has written: one code to one picture, in plain arrays.

   const network = decoderNetwork.read(description, bytes);
   const picture = network.run(Float32Array of codes);   // values in the range of the mean image

   Every layer is a function from a Float32Array to a Float32Array, made once with its memory, so
   a run allocates nothing. Pictures are stored row by row, channels last, as TensorFlow does. */
"use strict";

const decoderNetwork = (() => {
  const activations = {
    linear: null,
    relu: x => (x > 0 ? x : 0),
    tanh: Math.tanh,
    sigmoid: x => 1 / (1 + Math.exp(-x)),
    softplus: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    elu: x => (x > 0 ? x : Math.expm1(x)),
    half_tanh: x => Math.tanh(x) / 2 + 0.5,
  };

  function applied(values, activation) {
    if (activation) {
      for (let i = 0; i < values.length; i++) values[i] = activation(values[i]);
    }
    return values;
  }

  // sum[n] += input[k] * weights[k, n]; inputs that a ReLU has set to 0 cost nothing.
  function addProduct(sum, input, from, count, weights, at) {
    const width = sum.length;
    for (let k = 0; k < count; k++) {
      const value = input[from + k];
      if (value === 0) continue;
      const row = at + k * width;
      for (let n = 0; n < width; n++) sum[n] += value * weights[row + n];
    }
  }

  function fillWithBias(output, bias) {
    if (!bias) { output.fill(0); return; }
    for (let i = 0; i < output.length; i += bias.length) output.set(bias, i);
  }

  function dense(layer, weights) {
    const output = new Float32Array(layer.units);
    const rows = layer.size / layer.inputs;
    const all = rows > 1 ? new Float32Array(rows * layer.units) : output;
    return input => {
      for (let row = 0; row < rows; row++) {
        fillWithBias(output, weights.bias);
        addProduct(output, input, row * layer.inputs, layer.inputs, weights.kernel, 0);
        if (rows > 1) all.set(output, row * layer.units);
      }
      return all;
    };
  }

  // Kernel [height, width, in, out].
  function conv2d(layer, weights) {
    const [height, width, channels] = layer.input, [rows, columns, filters] = layer.output;
    const [kernelHeight, kernelWidth] = layer.kernel_size;
    const [strideY, strideX] = layer.strides, [padY, padX] = layer.padding;
    const output = new Float32Array(rows * columns * filters);
    const sum = new Float32Array(filters);
    return input => {
      for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
        fillWithBias(sum, weights.bias);
        for (let i = 0; i < kernelHeight; i++) {
          const fromY = y * strideY + i - padY;
          if (fromY < 0 || fromY >= height) continue;
          for (let j = 0; j < kernelWidth; j++) {
            const fromX = x * strideX + j - padX;
            if (fromX < 0 || fromX >= width) continue;
            addProduct(sum, input, (fromY * width + fromX) * channels, channels, weights.kernel,
                       (i * kernelWidth + j) * channels * filters);
          }
        }
        output.set(sum, (y * columns + x) * filters);
      }
      return output;
    };
  }

  // Kernel [in, height, width, out]: each input pixel adds a patch to the output.
  function conv2dTranspose(layer, weights) {
    const [height, width, channels] = layer.input, [rows, columns, filters] = layer.output;
    const [kernelHeight, kernelWidth] = layer.kernel_size;
    const [strideY, strideX] = layer.strides, [padY, padX] = layer.padding;
    const output = new Float32Array(rows * columns * filters);
    const patch = new Float32Array(kernelHeight * kernelWidth * filters);
    return input => {
      fillWithBias(output, weights.bias);
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        patch.fill(0);
        addProduct(patch, input, (y * width + x) * channels, channels, weights.kernel, 0);
        for (let i = 0; i < kernelHeight; i++) {
          const toY = y * strideY + i - padY;
          if (toY < 0 || toY >= rows) continue;
          for (let j = 0; j < kernelWidth; j++) {
            const toX = x * strideX + j - padX;
            if (toX < 0 || toX >= columns) continue;
            const to = (toY * columns + toX) * filters, from = (i * kernelWidth + j) * filters;
            for (let f = 0; f < filters; f++) output[to + f] += patch[from + f];
          }
        }
      }
      return output;
    };
  }

  // Copies pixels from places that do not depend on the input; those outside it stay 0.
  function placing(layer, source) {
    const [height, width, channels] = layer.input, [rows, columns] = layer.output;
    const output = new Float32Array(rows * columns * channels);
    return input => {
      for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
        const [fromY, fromX] = source(y, x);
        if (fromY < 0 || fromX < 0 || fromY >= height || fromX >= width) continue;
        const from = (fromY * width + fromX) * channels, to = (y * columns + x) * channels;
        for (let c = 0; c < channels; c++) output[to + c] = input[from + c];
      }
      return output;
    };
  }

  // Scale and offset for each channel: batch normalization as it is after training.
  function affine(layer, weights) {
    const output = new Float32Array(layer.size), channels = weights.scale.length;
    return input => {
      for (let i = 0; i < output.length; i++) {
        const c = i % channels;
        output[i] = input[i] * weights.scale[c] + weights.offset[c];
      }
      return output;
    };
  }

  // The values at multiples of `step`: of means and deviations in pairs, the means.
  function every(layer) {
    const output = new Float32Array(layer.size / layer.step);
    return input => {
      for (let i = 0; i < output.length; i++) output[i] = input[i * layer.step];
      return output;
    };
  }

  function pointwise(layer, activation) {
    const output = new Float32Array(layer.size);
    return input => {
      output.set(input);
      return applied(output, activation);
    };
  }

  const kinds = {
    dense, conv2d, conv2d_transpose: conv2dTranspose, affine, every,
    shift: layer => placing(layer, (y, x) => [y + layer.by[0], x + layer.by[1]]),
    repeat: layer => placing(layer, (y, x) => [Math.floor(y / layer.times[0]),
                                               Math.floor(x / layer.times[1])]),
    activation: layer => pointwise(layer, activations[layer.function]),
    leaky_relu: layer => pointwise(layer, x => (x >= 0 ? x : layer.slope * x)),
    clipped_relu: layer => pointwise(layer, x => Math.min(Math.max(x, 0), layer.most)),
  };

  function read(description, bytes) {
    const layers = description.layers.map(layer => {
      const weights = {};
      for (const [name, [start, count]] of Object.entries(layer.weights || {})) {
        weights[name] = new Float32Array(bytes, 4 * start, count);
      }
      const run = kinds[layer.kind](layer, weights);
      const activation = layer.kind === "activation" ? null : activations[layer.function];
      return activation ? input => applied(run(input), activation) : run;
    });
    return { run: codes => layers.reduce((values, layer) => layer(values), codes) };
  }

  return { read, kinds: Object.keys(kinds), functions: Object.keys(activations) };
})();

if (typeof module !== "undefined") module.exports = decoderNetwork;
